"""Companies, their locations, contacts and contact groups."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

from adminui.sandbox.autotask.seed import words
from adminui.sandbox.autotask.seed.mess import CLEAN, Mess
from adminui.sandbox.autotask.store import Row, Store, put, stamp

_NOW = datetime(2026, 11, 1, tzinfo=UTC)
FIRST_COMPANY = 174
FIRST_CONTACT = 30684001
KNOWN_CONTACT, KNOWN_COMPANY = 30684047, 175
_GROUPS = (
    "Newsletter", "VIP", "Billing contacts", "Board members", "Beta testers", "Christmas cards 2012", "Emergency",
    "Decision makers", "Decision  makers", "Procurement", "Technical contacts", "Site contacts", "Webinar",
    "Survey 2019", "Partners", "Schools", "After hours", "Patch notices", "Outage notices", "temp",
)  # fmt: skip


def moment(rng: Random, days: int = 3_000) -> str:
    """A moment in the past, to the millisecond."""
    return stamp(_NOW - timedelta(milliseconds=rng.randrange(days * 86_400_000)))


def next_id(rng: Random, last: int) -> int:
    """Mostly the following number; sometimes records in between have gone."""
    return last + (1 if rng.random() < 0.8 else rng.randrange(2, 10))


def add_companies(store: Store, records: int, seed: int) -> None:
    rng = Random(f"{seed} companies")
    table = store["Companies"]
    table.add(_msp())
    record_id = FIRST_COMPANY - 1
    recent: list[str] = []
    mess = Mess(store, seed)
    for number in range(records):
        record_id = record_id + 1 if number < 2 else next_id(rng, record_id)
        name = _name(rng, number, recent)
        city = rng.choice(words.CITIES)
        row = _company(rng, record_id, name, city)
        _complete_company(rng, row, table.ids)
        if number >= CLEAN:
            mess.upon(row, city[1])
        table.add(row)
        if number % 3 == 0:
            _add_location(store, rng, row)


def _msp() -> Row:
    row: Row = {
        "id": 0,
        "companyName": "Our Own MSP",
        "phone": "555-0100",
        "companyType": 1,
        "ownerResourceID": 4,
        "isActive": True,
    }
    return row | {
        "createDate": "2012-10-24T05:00:00.000Z",
        "lastTrackedModifiedDateTime": "2024-02-01T09:30:00.120Z",
        "udf:Accounts Code": "A0000",
    }


def _name(rng: Random, number: int, recent: list[str]) -> str:
    if number < len(words.NOTORIOUS):
        return words.NOTORIOUS[number]
    name = words.near_duplicate(rng, rng.choice(recent)) if recent and rng.random() < 0.12 else words.company_name(rng)
    recent.append(name)
    del recent[:-200]
    return name


def _company(rng: Random, record_id: int, name: str, place: tuple[str, str, str]) -> Row:
    city, region, code = place
    changed = moment(rng, 900)
    row: Row = {"id": record_id, "companyName": name, "isActive": rng.random() < 0.9}
    row |= {
        "companyType": rng.choice((1, 1, 1, 1, 2, 3, 4, 6, 7, 8)),
        "ownerResourceID": rng.randrange(4, 44),
        "phone": words.phone(rng),
        "city": city if rng.random() < 0.9 else city.upper(),
        "createDate": moment(rng),
        "lastActivityDate": changed,
        "lastTrackedModifiedDateTime": changed,
        "udf:Accounts Code": f"A{record_id:04d}",
    }
    optional = {
        "address1": words.sometimes(rng, 0.9, words.street(rng)),
        "state": words.sometimes(rng, 0.9, words.state(rng, region)),
        "postalCode": words.sometimes(rng, 0.9, words.postal_code(rng, code)),
        "webAddress": words.sometimes(rng, 0.7, words.web_address(rng, name)),
        "fax": words.sometimes(rng, 0.2, words.phone(rng)),
        "udf:CustomerRanking": words.sometimes(
            rng, 0.5, rng.choice(("Golden", "golden", "Silver", "Bronze ", "almost Golden"))
        ),
    }
    put(row, optional)
    return row


def _complete_company(rng: Random, row: Row, ids: list[int]) -> None:
    """Values few companies have, inactive picklist values among them; a required phone that old imports left empty."""
    chance = rng.random
    row["countryID"] = rng.choice((237, 237, 237, 236, 81, 42, 999))
    row["taxRegionID"] = 1
    row["isTaxExempt"] = chance() < 0.1
    if chance() < 0.6:
        row["classification"] = rng.choice((1, 2, 3, 5, 7, 9))
        row["marketSegmentID"] = rng.randrange(29682840, 29682848)
        row["territoryID"] = rng.randrange(29682773, 29682779)
    if chance() < 0.3:
        row["companyCategoryID"] = rng.randrange(1, 5)
        row["assetValue"] = Decimal(rng.randrange(1, 1_000_000)) / 100
    if chance() < 0.1:
        row["parentCompanyID"] = rng.choice(ids)
        row["udf:Portal Password"] = f"pw-{rng.randrange(16**8):08x}"
    if chance() < 0.2:
        row["udf:Support Tier"] = rng.choice(("Gold", "Silver", "Quote Needed", "Bronze 2015"))
        row["udf:Credit Limit"] = f"{rng.randrange(1, 50) * 500}.0000"
        row["udf:Customer Since"] = (
            f"{rng.randrange(2005, 2026)}-0{rng.randrange(1, 10)}-1{rng.randrange(10)}T00:00:00.000Z"
        )
    if chance() < 0.01:
        del row["phone"]


def _add_location(store: Store, rng: Random, company: Row) -> None:
    row: Row = {
        "id": store["CompanyLocations"].next_id(),
        "companyID": company["id"],
        "name": "Head office",
        "isActive": True,
    }
    copied = {name: company.get(name) for name in ("address1", "city", "state", "postalCode", "countryID", "phone")}
    put(row, copied)
    store["CompanyLocations"].add(row | {"isPrimary": True, "isTaxExempt": False})


def add_contacts(store: Store, records: int, seed: int) -> None:
    rng = Random(f"{seed} contacts")
    companies = store["Companies"].ids
    last = FIRST_CONTACT - 1
    for number in range(records):
        record_id = FIRST_CONTACT + number if number < 60 else next_id(rng, last)
        company = KNOWN_COMPANY if record_id == KNOWN_CONTACT else companies[rng.randrange(len(companies))]
        store["Contacts"].add(_contact(rng, record_id, company))
        last = record_id


def _contact(rng: Random, record_id: int, company: int) -> Row:
    first, last = rng.choice(words.FIRST_NAMES), rng.choice(words.LAST_NAMES)
    changed = moment(rng, 900)
    row: Row = {"id": record_id, "companyID": company, "isActive": int(rng.random() < 0.85)}
    row |= {
        "firstName": first if rng.random() < 0.95 else first.lower() + " ",
        "lastName": last if rng.random() < 0.95 else last.upper(),
        "createDate": moment(rng),
        "lastModifiedDate": changed,
        "lastActivityDate": changed,
    }
    mail = f"{first}.{last}@example.com".replace(" ", "").replace("'", "")
    optional = {
        "emailAddress": words.sometimes(rng, 0.85, mail if rng.random() < 0.7 else mail.upper()),
        "phone": words.sometimes(rng, 0.8, words.phone(rng)),
        "mobilePhone": words.sometimes(rng, 0.4, words.phone(rng)),
        "title": words.sometimes(
            rng, 0.6, rng.choice(("Director", "director", "Office Mgr", "Office Manager", "CEO", "C.E.O."))
        ),
        "note": words.sometimes(
            rng, 0.1, rng.choice(("<script>alert(1)</script>", "calls back &amp; again", "left 2019?"))
        ),
        "udf:Preferred Language": words.sometimes(rng, 0.3, rng.choice(("en", "EN", "English", "de", "fr"))),
    }
    put(row, optional)
    if rng.random() < 0.3:
        row["namePrefix"] = rng.randrange(1, 7)
    return row


def add_contact_groups(store: Store, seed: int) -> None:
    rng = Random(f"{seed} groups")
    contacts = store["Contacts"].ids
    for number, name in enumerate(_GROUPS, 1):
        store["ContactGroups"].add({"id": number, "name": name, "isActive": number % 6 != 0})
        for contact in rng.sample(contacts, min(5, len(contacts))):
            member = {"id": store["ContactGroupContacts"].next_id(), "contactGroupID": number, "contactID": contact}
            store["ContactGroupContacts"].add(member)


def by_company(store: Store, name: str) -> dict[int, list[int]]:
    """The ids of an entity's rows by their company."""
    found: dict[int, list[int]] = defaultdict(list)
    for row in store[name].after(None):
        found[row["companyID"]].append(row["id"])
    return found
