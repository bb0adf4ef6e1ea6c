"""The small entities that others refer to, and the staff."""

from collections.abc import Iterable
from random import Random
from typing import Any

from adminui.sandbox.autotask.seed import words
from adminui.sandbox.autotask.store import Row, Store

_COUNTRIES = {
    42: ("CA", "Canada"),
    81: ("DE", "Germany"),
    237: ("US", "United States"),
    236: ("GB", "United Kingdom"),
    999: ("YU", "Yugoslavia"),
}
_ROLES = {
    8: "Engineer",
    29683582: "Level I",
    29683583: "Level II",
    29683584: "Project Manager",
    29683590: "Fax Specialist",
}
_NAMED: dict[str, tuple[str, ...]] = {
    "TaxRegions": ("Standard", "Exempt", "Reverse charge"),
    "CompanyCategories": ("Standard", "Strategic", "Watch list", "Imported 2014"),
    "ConfigurationItemCategories": ("Standard", "Network", "Domain", "SSL Certificate"),
    "DomainRegistrars": ("Registrar One", "Registrar Two"),
    "Services": ("Managed desktop", "Managed server", "Backup", "Mail filtering", "Tape rotation"),
    "ServiceBundles": ("Essentials", "Everything"),
    "InvoiceTemplates": ("Standard invoice", "Detailed invoice"),
    "QuoteTemplates": ("Standard quote", "Long quote"),
    "BillingCodes": ("Remote support", "On-site support", "Project work", "Hardware", "Travel"),
}
_PRODUCTS = (
    "Laptop 14",
    "Laptop 15",
    "Desktop tower",
    "Rack server",
    "Firewall",
    "Switch 24",
    "Access point",
    "Printer",
    "SSL certificate",
    "Fax machine",
)


def add_reference_data(store: Store) -> None:
    for name, labels in _NAMED.items():
        _add(store, name, ({"id": number, "name": label} for number, label in enumerate(labels, 1)))
    _add(store, "Countries", (_country(number, *names) for number, names in _COUNTRIES.items()))
    _add(store, "Currencies", _currencies())
    _add(store, "Roles", ({"id": number, "name": name, "isSystemRole": False} for number, name in _ROLES.items()))
    _add(store, "Products", (_product(number, name) for number, name in enumerate(_PRODUCTS, 1)))
    _add(
        store, "OrganizationalLevelAssociations", [{"id": 1, "organizationalLevel1ID": 1, "organizationalLevel2ID": 1}]
    )
    _add(store, "UserDefinedFieldDefinitions", _definitions(store))
    for name, last in (
        ("Roles", 29683590),
        ("CompanyCategories", 4),
        ("Countries", 999),
        ("Products", 10),
        ("Services", 5),
    ):
        store[name].rows[last]["isActive"] = False


def _add(store: Store, name: str, rows: Iterable[dict[str, Any]]) -> None:
    active = {"isActive": True} if "isactive" in store[name].entity.by_name else {}
    for row in sorted(rows, key=lambda row: int(row["id"])):
        store[name].add({**active, **row})


def _country(number: int, code: str, name: str) -> Row:
    return {"id": number, "countryCode": code, "name": name, "displayName": name, "isDefaultCountry": code == "US"}


def _currencies() -> list[Row]:
    names = {1: "USD", 2: "EUR", 3: "GBP"}
    return [{"id": number, "name": name, "isInternalCurrency": number == 1} for number, name in names.items()]


def _product(number: int, name: str) -> Row:
    return {"id": number, "name": name, "productBillingCodeID": 4, "productCategory": 1, "isSerialized": False}


def _definitions(store: Store) -> list[Row]:
    kinds = {"Companies": 1, "Contacts": 2, "ConfigurationItems": 6}
    types = {"string": 1, "decimal": 2, "integer": 2, "datetime": 3}
    found = [(kinds[name], udf) for name in kinds for udf in store[name].entity.udfs]
    return [
        {
            "id": number,
            "name": udf.name,
            "udfType": kind,
            "dataType": 4 if udf.picklist else types[udf.type],
            "isPrivate": False,
            "isProtected": udf.protected,
            "isRequired": udf.required,
        }
        for number, (kind, udf) in enumerate(found, 1)
    ]


def add_resources(store: Store, seed: int) -> None:
    """Forty members of staff from id 4 on; every seventh has left."""
    rng = Random(f"{seed} resources")
    for number in range(4, 44):
        first, last = rng.choice(words.FIRST_NAMES), rng.choice(words.LAST_NAMES)
        login = f"{first[0]}{last}".lower().replace(" ", "").replace("'", "")
        row: Row = {
            "id": number,
            "firstName": first,
            "lastName": last,
            "userName": login,
            "initials": first[0] + last[0],
        }
        row |= {
            "email": f"{login}@msp.example",
            "title": "Engineer",
            "officePhone": words.phone(rng),
            "resourceType": "Employee",
        }
        store["Resources"].add(row | {"licenseType": 1, "defaultServiceDeskRoleID": 8, "isActive": number % 7 != 0})


def add_contracts(store: Store, seed: int) -> None:
    """A contract for every fourth company, with a service; and a few opportunities and projects."""
    rng = Random(f"{seed} contracts")
    for number, company in enumerate(store["Companies"].ids[::4], 29682000):
        year = rng.randrange(2018, 2026)
        row: Row = {"id": number, "companyID": company, "contractName": f"Managed services {year}", "contractType": 7}
        row |= {"startDate": f"{year}-01-01T00:00:00.000Z", "endDate": f"{year + 3}-12-31T00:00:00.000Z"}
        store["Contracts"].add(row | {"status": int(year > 2021), "isDefaultContract": rng.random() < 0.3})
    for number, contract in enumerate(store["Contracts"].ids[:100], 1):
        store["ContractServices"].add(
            {"id": number, "contractID": contract, "serviceID": rng.randrange(1, 5), "unitPrice": 25}
        )
        store["ContractServiceBundles"].add(
            {"id": number, "contractID": contract, "serviceBundleID": 1, "unitPrice": 90}
        )
    for number, company in enumerate(store["Companies"].ids[:10], 1):
        store["Projects"].add({"id": number, "projectName": f"Migration {number}", "companyID": company, "status": 2})
        row = {"id": number, "title": f"Renewal {number}", "companyID": company, "ownerResourceID": 4, "status": 1}
        store["Opportunities"].add(row)
