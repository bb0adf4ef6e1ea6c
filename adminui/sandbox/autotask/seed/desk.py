"""The service desk: devices and tickets, consistent with their companies but for a few old ones."""

from random import Random

from adminui.sandbox.autotask.seed import words
from adminui.sandbox.autotask.seed.crm import by_company, moment, next_id
from adminui.sandbox.autotask.store import RICH_PREFIX, Row, Store, put

FIRST_DEVICE = 2001
FIRST_TICKET = 7601
_PROBLEMS = (
    "Cannot print", "can't print ", "Printer offline", "No internet", "Internet slow!!", "New starter",
    "New Starter - ASAP", "Password reset", "PASSWORD RESET", "Mailbox full", "Laptop won’t boot",
    "Phone has no dial tone", "RE: FW: RE: help", "مشكلة في الطابعة", "Monitor flickers 🙃", "Backup failed",
    "Disk &lt; 10% free", "VPN drops", "Licence expired",
)  # fmt: skip
_ROLES = (8, 29683582, 29683583, 29683584)
_QUEUES = (5, 6, 8, 29682833, 29682833, 29683354, 29683355, 29683360)
_ISSUES = {4: (11, 12, 13, 23), 5: (14, 15, 16), 6: (17, 18), 10: (19, 20), 12: (21,), 13: (22,)}
_TEXT_UDFS = ("Asset Tag", "Rack", "Operating System", "IP Address", "Building", "Used By", "Audit Note")


def add_devices(store: Store, records: int, seed: int) -> None:
    rng = Random(f"{seed} devices")
    companies, record_id = store["Companies"].ids, FIRST_DEVICE - 1
    contacts = by_company(store, "Contacts")
    for _ in range(records):
        record_id = next_id(rng, record_id)
        company = companies[rng.randrange(len(companies))]
        row = _device(rng, record_id, company)
        if contacts.get(company) and rng.random() < 0.4:
            row["contactID"] = rng.choice(contacts[company])
        store["ConfigurationItems"].add(row)


def _device(rng: Random, record_id: int, company: int) -> Row:
    row: Row = {
        "id": record_id,
        "companyID": company,
        "productID": rng.randrange(1, 11),
        "isActive": rng.random() < 0.8,
    }
    row |= {
        "referenceTitle": f"{rng.choice(('PC', 'pc-', 'SRV', 'LAPTOP ', 'fw'))}{rng.randrange(1000):03d}",
        "serialNumber": f"SN{rng.randrange(36**6):07d}",
        "configurationItemType": rng.randrange(1, 9),
        "configurationItemCategoryID": 1,
        "installDate": f"{rng.randrange(2012, 2026)}-0{rng.randrange(1, 10)}-1{rng.randrange(10)}T00:00:00.000Z",
        "createDate": moment(rng),
        "lastModifiedTime": moment(rng, 900),
        "udf:Backup Policy": rng.choice(("Nightly", "Weekly", "None", "Tape")),
        "udf:Criticality": str(rng.randrange(1, 5)),
    }
    put(row, {f"udf:{name}": words.sometimes(rng, 0.3, f"{name} {rng.randrange(100)}") for name in _TEXT_UDFS})
    if rng.random() < 0.2:
        row["notes"], row[f"{RICH_PREFIX}notes"] = "Replace the battery", "<p>Replace the <b>battery</b></p>"
        row["udf:Admin Password"] = f"pw-{rng.randrange(16**8):08x}"
        row["udf:Purchase Price"] = f"{rng.randrange(100, 3000)}.5000"
    return row


def add_tickets(store: Store, records: int, seed: int) -> None:
    rng = Random(f"{seed} tickets")
    companies, record_id = store["Companies"].ids, FIRST_TICKET - 1
    related = {
        "contactID": by_company(store, "Contacts"),
        "configurationItemID": by_company(store, "ConfigurationItems"),
        "contractID": by_company(store, "Contracts"),
    }
    for _ in range(records):
        record_id = next_id(rng, record_id)
        company = companies[rng.randrange(len(companies))]
        row = _ticket(rng, record_id, company)
        for name, ids in related.items():
            if company in ids and rng.random() < 0.7:
                row[name] = rng.choice(ids[company])
        store["Tickets"].add(row)


def _ticket(rng: Random, record_id: int, company: int) -> Row:
    created, changed = moment(rng, 2_000), moment(rng, 900)
    row: Row = {"id": record_id, "companyID": company, "title": rng.choice(_PROBLEMS), "createDate": created}
    row |= {
        "ticketNumber": f"T{created[:10].replace('-', '')}.{record_id % 10_000:04d}",
        "status": rng.choice((1, 5, 5, 5, 5, 7, 8, 9, 10, 11, 12, 14)),
        "priority": rng.choice((1, 2, 3, 3, 3, 4, 6)),
        "queueID": rng.choice(_QUEUES),
        "source": rng.choice((-1, 2, 4, 6, 8, 11)),
        "ticketType": rng.randrange(1, 6),
        "ticketCategory": rng.choice((1, 1, 1, 3, 4, 5)),
        "creatorType": 1,
        "lastActivityDate": changed,
        "lastTrackedModificationDateTime": changed,
    }
    if row["status"] == 5:
        row["completedDate"] = changed
    _complete_ticket(rng, row)
    return row


def _complete_ticket(rng: Random, row: Row) -> None:
    if rng.random() < 0.7:
        row["issueType"] = rng.choice(tuple(_ISSUES))
        # A few old tickets kept a sub-issue from before the issue types were rearranged.
        row["subIssueType"] = rng.choice(_ISSUES[row["issueType"]]) if rng.random() < 0.98 else 11
    if rng.random() < 0.6:
        row["assignedResourceID"], row["assignedResourceRoleID"] = rng.randrange(4, 44), rng.choice(_ROLES)
    if rng.random() < 0.5:
        row["description"] = rng.choice(
            (
                "As on the phone.",
                "<script>alert('ticket')</script>",
                "See mail &amp; attachment\r\n\r\n-- \r\nSent from my phone",
            )
        )
        row["dueDateTime"] = moment(rng, 300)
    put(row, {"purchaseOrderNumber": words.sometimes(rng, 0.1, f"PO {row['id']}")})
