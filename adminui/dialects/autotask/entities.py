"""Which entities there are, what they are called, and what is known of them beyond their metadata. Literal tables only.

Source: the vendor's swagger for what can be updated, fact sheet sections 4, 9 and 10 for the rest.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from adminui.dialects.autotask.children import CHILDREN
from adminui.dialects.base import ResourceName


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


MAIN: Final = (
    "Companies",
    "Contacts",
    "Tickets",
    "ConfigurationItems",
    "ContactGroups",
    "CompanyLocations",
    "Contracts",
    "Opportunities",
    "Products",
    "Projects",
    "Tasks",
    "Resources",
    "ServiceCalls",
    "Services",
)

# Updated at their own address. ConfigurationItemExts is left out: it has no query of its own.
FLAT: Final = _names(
    """
    ActionTypes Appointments BillingItems ChangeOrderCharges ChecklistLibraries ClientPortalUsers Companies
    CompanyWebhooks ConfigurationItemCategories ConfigurationItemTypes ConfigurationItems ContactGroups ContactWebhooks
    ContractExclusionSets Contracts Countries Currencies Departments ExpenseReports HolidaySets
    InternalLocationWithBusinessHours InventoryItems InventoryLocations Invoices Opportunities OrganizationalLevel1s
    OrganizationalLevel2s OrganizationalLevelAssociations PaymentTerms PriceListMaterialCodes PriceListProductTiers
    PriceListProducts PriceListRoles PriceListServiceBundles PriceListServices PriceListWorkTypeModifiers Products
    Projects PurchaseApprovals PurchaseOrders QuoteLocations Quotes Resources Roles SalesOrders ServiceBundles
    ServiceCalls Services Subscriptions TaxCategories TaxRegions Taxes TicketCategories Tickets TimeEntries
    UserDefinedFieldDefinitions WorkTypeModifiers
    """
)

# Updatable in 2023, younger than the swagger.
YOUNGER: Final = _names(
    """
    ArticleNotes CompanyCategories Documents DomainRegistrars InventoryProducts KnowledgeBaseArticles
    OpportunityCategories TagGroups Tags TimeOffRequests
    """
)

# Never updated, but pointed to by fields of the others.
READ_ONLY: Final = _names(
    "BillingCodes ClassificationIcons InternalLocations InvoiceTemplates QuoteTemplates ShippingTypes Skills"
)

KNOWN: Final = frozenset({*FLAT, *YOUNGER, *READ_ONLY, *CHILDREN})

TITLES: Final[Mapping[str, str]] = {
    "Companies": "companyName",
    "ConfigurationItems": "referenceTitle",
    "Contacts": "lastName",
    "Contracts": "contractName",
    "ExpenseItems": "description",
    "Projects": "projectName",
    "PurchaseOrders": "purchaseOrderNumber",
    "Resources": "userName",
    "ServiceCalls": "description",
    "TimeEntries": "summaryNotes",
    "UserDefinedFieldListItems": "valueForDisplay",
}

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "Companies": ("id", "companyName", "companyType", "phone", "city", "postalCode", "countryID", "isActive"),
    "CompanyLocations": ("id", "companyID", "name", "address1", "city", "postalCode", "countryID", "isActive"),
    "ConfigurationItems": (
        "id",
        "referenceTitle",
        "companyID",
        "productID",
        "serialNumber",
        "warrantyExpirationDate",
        "isActive",
    ),
    "ContactGroups": ("id", "name", "isActive"),
    "Contacts": ("id", "firstName", "lastName", "companyID", "emailAddress", "phone", "mobilePhone", "isActive"),
    "Contracts": ("id", "contractName", "companyID", "contractType", "status", "startDate", "endDate"),
    "Opportunities": ("id", "title", "companyID", "stage", "status", "amount", "projectedCloseDate"),
    "Products": ("id", "name", "productCategory", "unitPrice", "unitCost", "isActive"),
    "Projects": ("id", "projectName", "companyID", "status", "projectLeadResourceID", "endDateTime"),
    "Resources": ("id", "firstName", "lastName", "userName", "email", "isActive"),
    "Tasks": ("id", "title", "projectID", "status", "assignedResourceID", "endDateTime"),
    "Tickets": ("id", "ticketNumber", "title", "companyID", "status", "priority", "queueID", "assignedResourceID"),
}

# No version and no ETag anywhere: these stamps move when somebody else saves.
STAMPS: Final = (
    "lastTrackedModifiedDateTime",
    "lastTrackedModificationDateTime",
    "lastModifiedDateTime",
    "lastModifiedTime",
    "lastModifiedDate",
)

# Said to be writable by the metadata, yet kept as they were, with a 200. A child's link to its parent is so too.
IMMUTABLE: Final[Mapping[str, frozenset[str]]] = {
    "ConfigurationItems": frozenset({"companyID"}),
    "Contacts": frozenset({"companyID"}),
    "Projects": frozenset({"status"}),
    "TicketNotes": frozenset({"createdByContactID"}),
    "TimeEntries": frozenset({"ticketID"}),
}

# Yes-or-no fields that travel as 1 and 0; `true` there is answered with a parse error.
INTEGER_BOOLEANS: Final = frozenset({("Contacts", "isActive"), ("ServiceCalls", "isComplete")})

TOGETHER: Final[Mapping[str, tuple[tuple[str, ...], ...]]] = {
    "Tickets": (("assignedResourceID", "assignedResourceRoleID"),)
}

BOUND: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "Tickets": {"companyID": ("contactID", "configurationItemID", "contractID", "companyLocationID")}
}

# Rich text in the product; an update through the API leaves plain text behind.
RICH_TEXT: Final[Mapping[str, tuple[str, ...]]] = {
    "ConfigurationItems": ("notes",),
    "ContractNotes": ("description",),
    "Tickets": ("description", "resolution"),
}

_ACRONYMS: Final = _names("api id ip mac os rma rmm sic sla ssl udf url")
_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")


def words(name: str) -> list[str]:
    """The lower-case words of a camelCase name; numbers are words of their own."""
    return [word.lower() for word in _WORD.findall(name)]


def label(name: str) -> str:
    """ "billToCountryID" → "Bill to country ID"."""
    text = " ".join(word.upper() if word in _ACRONYMS else word for word in words(name))
    return text[:1].upper() + text[1:] or name


def singular(entity: str) -> str:
    """ "Companies" → "Company", as references spell it."""
    if entity.endswith("ies"):
        return entity[:-3] + "y"
    return entity[:-2] if entity.endswith("xes") else entity.removesuffix("s")


_ENTITIES: Final = {singular(entity).lower(): entity for entity in KNOWN}


def referenced(name: str | None) -> str | None:
    """The resource a reference's singular type name stands for, if it is one we know."""
    return _ENTITIES.get((name or "").lower())


def resource_names() -> tuple[ResourceName, ...]:
    """What staff come for first, then everything else by name."""
    main = (ResourceName(name, label(name)) for name in MAIN)
    return (*main, *(ResourceName(name, label(name), main=False) for name in sorted(KNOWN - {*MAIN})))
