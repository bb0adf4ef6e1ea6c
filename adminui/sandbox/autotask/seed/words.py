"""Words and values as people type them: near-duplicates, stray spaces, many spellings of one thing."""

from random import Random

NOTORIOUS = (
    "ACME ltd", "Acme Ltd.", "Acme, Ltd", "Smith &amp; Sons", "Smith & Sons ", "Smith  and Sons",
    "O'Brien \"Bob\" Ltd", "مكتبة الشرق للنشر", "מאפיית השחר", "株式会社さくら", "Żółw i Wąż Sp. z o.o.",
    "Café Zoë 🌻 Catering", "NULL", "0", "-1", "=SUM(A1:A9)", "<script>alert('company')</script>",
    "Grüße & Söhne GmbH", "  Leading Space Inc", "Tab\there Ltd", "I\u200bnvisible Space LLC",
    "The Honourable Society of Painters, Stainers, Glaziers, Plumbers and Allied Trades of Greater Marlow",
)  # fmt: skip
_FIRST_HALVES = (
    "Alder", "Amber", "Anchor", "Ash", "Beacon", "Birch", "Blue", "Bridge", "Bright", "Castle", "Cedar", "Clear",
    "Cliff", "Copper", "Crown", "Dale", "East", "Elm", "Falcon", "Fern", "Flint", "Fox", "Glen", "Golden", "Granite",
    "Green", "Harbour", "Haven", "Hazel", "Heath", "Hill", "Iron", "Ivy", "Juniper", "Kestrel", "King", "Lake",
    "Lark", "Linden", "Maple", "Marsh", "Meadow", "Mill", "Moor", "North", "Oak", "Orchard", "Otter", "Pine",
    "Quarry", "Raven", "Red", "Ridge", "River", "Rowan", "Sable", "Silver", "South", "Spring", "Stone", "Summit",
    "Thorn", "Tide", "Vale", "West", "Willow", "Winter", "Wood", "York", "Zephyr",
)  # fmt: skip
_SECOND_HALVES = (
    "bank", "bay", "brook", "bury", "combe", "court", "croft", "dale", "field", "ford", "gate", "grove", "ham",
    "hurst", "ley", "mere", "mont", "point", "port", "ridge", "shore", "side", "stead", "stone", "ton", "view",
    "ville", "wall", "way", "wick", "wood", "worth",
)  # fmt: skip
TRADES = (
    "Accountants", "Architects", "Bakery", "Builders", "Care Homes", "Catering", "Chambers", "Clinic", "Consulting",
    "Dental", "Design", "Electrical", "Engineering", "Estates", "Farms", "Finance", "Foods", "Freight", "Garage",
    "Gymnasium", "Holdings", "Hotels", "Insurance", "Joinery", "Law", "Logistics", "Media", "Motors", "Optics",
    "Paper", "Pharmacy", "Plastics", "Printing", "Roofing", "School", "Security", "Solar", "Surveyors", "Textiles",
    "Travel",
)  # fmt: skip
_FORMS = ("Ltd", "Ltd.", "Limited", "LLC", "Inc", "Inc.", "PLC", "LLP", "GmbH", "& Co", "")
FIRST_NAMES = (
    "Ada", "Aisha", "Alan", "Ana", "Ben", "Björn", "Carla", "Chen", "Chloé", "Dan", "Edith", "Emre", "Fatima",
    "George", "Grace", "Hana", "Hugo", "Ivan", "Jana", "José", "Kofi", "Lena", "Liam", "Mary-Jane", "Mei", "Nadia",
    "Noah", "Olga", "Pat", "Priya", "Ravi", "Rosa", "Sam", "Siobhán", "Tom", "Uma", "Viktor", "Wren", "Yusuf", "Zoë",
)  # fmt: skip
LAST_NAMES = (
    "Abbott", "Adeyemi", "Bauer", "Brown", "Byrne", "Castillo", "Clark", "D'Souza", "Dubois", "Evans", "Fischer",
    "Garcia", "Haddad", "Hughes", "Ito", "Jensen", "Jones", "Kaur", "Kowalski", "Lopez", "MacDonald", "McDonald",
    "Meyer", "Nguyen", "Novák", "O'Neill", "Okafor", "Patel", "Quinn", "Rossi", "Schmidt", "Smith", "Søndergaard",
    "Taylor", "van der Berg", "Walker", "White", "Wilson", "Wright", "Young",
)  # fmt: skip
CITIES = (
    ("Albany", "NY", "12207"), ("Austin", "TX", "73301"), ("Boston", "MA", "02108"), ("Denver", "CO", "80202"),
    ("Hartford", "CT", "06103"), ("Newark", "NJ", "07102"), ("Portland", "ME", "04101"),
    ("Providence", "RI", "02903"), ("Sacramento", "CA", "95814"), ("Springfield", "IL", "62701"),
    ("Leeds", "West Yorkshire", "LS1 4AP"), ("Köln", "NRW", "50667"),
)  # fmt: skip
_STATES = {
    "NY": ("New York", "N.Y.", "ny", "New  York", "Newyork"),
    "TX": ("Texas", "Tex.", "tx", "Texs"),
    "MA": ("Massachusetts", "Mass.", "Massachusets", "ma "),
    "CO": ("Colorado", "Colo.", "co"),
    "CT": ("Connecticut", "Conneticut", "Conn."),
    "NJ": ("New Jersey", "N.J.", "New Jersy"),
    "ME": ("Maine", "me"),
    "RI": ("Rhode Island", "R.I."),
    "CA": ("California", "Calif.", "Californa", "ca"),
    "IL": ("Illinois", "Ill.", "Illinios"),
    "West Yorkshire": ("W. Yorks", "West Yorks"),
    "NRW": ("Nordrhein-Westfalen", "Nordrhein Westfalen"),
}
_PHONES = (
    "({a}) {b}-{c}", "{a}-{b}-{c}", "{a}.{b}.{c}", "+1 {a} {b} {c}", "1{a}{b}{c}", "{a}{b}{c}", "{a} {b}{c} ",
    "{b}-{c}", "+1({a}){b}-{c} x12", "00 1 {a} {b} {c}", "tel: {a}/{b}{c}",
)  # fmt: skip
_STREETS = (
    "High St",
    "High Street",
    "Main St.",
    "Main Street",
    "MAIN ST",
    "Station Rd",
    "Mill Lane",
    "Park Ave",
    "Market Sq",
)


def company_name(rng: Random) -> str:
    name = f"{rng.choice(_FIRST_HALVES)}{rng.choice(_SECOND_HALVES)} {rng.choice(TRADES)}"
    form = rng.choice(_FORMS)
    return f"{name} {form}" if form else name


def near_duplicate(rng: Random, name: str) -> str:
    """The same company as somebody else typed it."""
    variants = (
        name.upper(), name.lower(), name + " ", name.replace(" ", "  ", 1), name.replace(" ", ", ", 1), name + ".",
        name.replace("&", "&amp;"), name.replace("& ", "and "), name.replace("Limited", "Ltd"), "The " + name,
        name.replace("e", "é", 1), f"{name} (duplicate)", f"{name} - DO NOT USE",
    )  # fmt: skip
    return rng.choice(variants)[:100]


def phone(rng: Random) -> str:
    number = {"a": rng.randrange(201, 990), "b": rng.randrange(200, 999), "c": f"{rng.randrange(10_000):04d}"}
    return rng.choice(_PHONES).format(**number)[:25]


def state(rng: Random, abbreviation: str) -> str:
    return abbreviation if rng.random() < 0.5 else rng.choice(_STATES[abbreviation])


def postal_code(rng: Random, code: str) -> str:
    """Spreadsheets lose the leading zero of some."""
    return code.lstrip("0") if rng.random() < 0.3 else code


def street(rng: Random) -> str:
    return f"{rng.randrange(1, 400)} {rng.choice(_STREETS)}"


def web_address(rng: Random, name: str) -> str:
    host = "".join(char for char in name.lower() if char.isascii() and char.isalnum())[:40] or "example"
    forms = (
        "https://www.{}.example",
        "http://{}.example",
        "www.{}.example",
        "{}.example",
        "HTTPS://{}.EXAMPLE/",
        "{}.example ",
    )
    return rng.choice(forms).format(host)


def sometimes(rng: Random, share: float, value: str) -> str | None:
    """The value, or one of the two ways of having none."""
    if rng.random() < share:
        return value
    return "" if rng.random() < 0.5 else None
