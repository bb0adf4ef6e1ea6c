from tests.benchmarks.test_export import *
import cProfile, pstats
def test_prof(opened, sheet, capsys):
    as_csv = exporting.prepared(opened, sheet, wanted(opened, "csv"), range(ROWS))
    with capsys.disabled():
        for _ in range(3): print(timed(lambda: sum(map(len, exporting.written(as_csv))))[0])
        pr=cProfile.Profile(); pr.enable(); sum(map(len, exporting.written(as_csv))); pr.disable()
        pstats.Stats(pr).sort_stats("tottime").print_stats(26)
