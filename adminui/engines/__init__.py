"""Job engines that say "go on with run N" to workers on any machine. They carry no state of ours: the ledger says what
is left to do, so a message may come late, twice or never.
"""
