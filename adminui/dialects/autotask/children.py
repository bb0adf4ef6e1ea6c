"""The entities that are written only through their parent: the address is parent, parent id, segment.

Derived from the vendor's swagger (51 parent paths with PUT and PATCH) and fact sheet section 9. SalesOrders has a flat
address too and uses that one; TaskNotes goes through its task, the address both sources know. Where the parent's field
is not named after the parent, it is the model's own: expenseReportID, orderID, successorTaskID, udfFieldId, webhookID.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Child(NamedTuple):
    """`parent` is the resource `parent_field` points to; `path` what it is called in the address, mostly the same."""

    entity: str
    parent: str
    parent_field: str
    path: str
    segment: str


_TABLE: Final = (
    Child(
        "ChecklistLibraryChecklistItems",
        "ChecklistLibraries",
        "checklistLibraryID",
        "ChecklistLibraries",
        "ChecklistItems",
    ),
    Child("CompanyAlerts", "Companies", "companyID", "Companies", "Alerts"),
    Child("CompanyLocations", "Companies", "companyID", "Companies", "Locations"),
    Child("CompanyNotes", "Companies", "companyID", "Companies", "Notes"),
    Child("CompanySiteConfigurations", "Companies", "companyID", "Companies", "SiteConfigurations"),
    Child("CompanyToDos", "Companies", "companyID", "Companies", "ToDos"),
    Child("CompanyWebhookFields", "CompanyWebhooks", "webhookID", "CompanyWebhooks", "Fields"),
    Child("CompanyWebhookUdfFields", "CompanyWebhooks", "webhookID", "CompanyWebhooks", "UdfFields"),
    Child(
        "ConfigurationItemBillingProductAssociations",
        "ConfigurationItems",
        "configurationItemID",
        "ConfigurationItems",
        "BillingProductAssociations",
    ),
    Child(
        "ConfigurationItemCategoryUdfAssociations",
        "ConfigurationItemCategories",
        "configurationItemCategoryID",
        "ConfigurationItemCategories",
        "UdfAssociations",
    ),
    Child("ConfigurationItemNotes", "ConfigurationItems", "configurationItemID", "ConfigurationItems", "Notes"),
    Child("ContactBillingProductAssociations", "Contacts", "contactID", "Contacts", "BillingProductAssociations"),
    Child("ContactWebhookFields", "ContactWebhooks", "webhookID", "ContactWebhooks", "Fields"),
    Child("ContactWebhookUdfFields", "ContactWebhooks", "webhookID", "ContactWebhooks", "UdfFields"),
    Child("Contacts", "Companies", "companyID", "Companies", "Contacts"),
    Child("ContractBillingRules", "Contracts", "contractID", "Contracts", "BillingRules"),
    Child("ContractBlockHourFactors", "Contracts", "contractID", "Contracts", "BlockHourFactors"),
    Child("ContractBlocks", "Contracts", "contractID", "Contracts", "Blocks"),
    Child("ContractCharges", "Contracts", "contractID", "Contracts", "Charges"),
    Child("ContractMilestones", "Contracts", "contractID", "Contracts", "Milestones"),
    Child("ContractNotes", "Contracts", "contractID", "Contracts", "Notes"),
    Child("ContractRates", "Contracts", "contractID", "Contracts", "Rates"),
    Child("ContractRetainers", "Contracts", "contractID", "Contracts", "Retainers"),
    Child("ContractRoleCosts", "Contracts", "contractID", "Contracts", "RoleCosts"),
    Child("ContractServiceBundles", "Contracts", "contractID", "Contracts", "ServiceBundles"),
    Child("ContractServices", "Contracts", "contractID", "Contracts", "Services"),
    Child("ContractTicketPurchases", "Contracts", "contractID", "Contracts", "TicketPurchases"),
    Child("ExpenseItems", "ExpenseReports", "expenseReportID", "Expenses", "Items"),
    Child("Holidays", "HolidaySets", "holidaySetID", "HolidaySets", "Holidays"),
    Child("InventoryItemSerialNumbers", "InventoryItems", "inventoryItemID", "InventoryItems", "SerialNumbers"),
    Child("Phases", "Projects", "projectID", "Projects", "Phases"),
    Child("ProductNotes", "Products", "productID", "Products", "Notes"),
    Child("ProductTiers", "Products", "productID", "Products", "Tiers"),
    Child("ProductVendors", "Products", "productID", "Products", "Vendors"),
    Child("ProjectCharges", "Projects", "projectID", "Projects", "Charges"),
    Child("ProjectNotes", "Projects", "projectID", "Projects", "Notes"),
    Child("PurchaseOrderItems", "PurchaseOrders", "orderID", "PurchaseOrders", "Items"),
    Child("QuoteItems", "Quotes", "quoteID", "Quotes", "Items"),
    Child("ResourceRoleDepartments", "Resources", "resourceID", "Resources", "RoleDepartments"),
    Child("ResourceRoleQueues", "Resources", "resourceID", "Resources", "RoleQueues"),
    Child("ResourceServiceDeskRoles", "Resources", "resourceID", "Resources", "ServiceDeskRoles"),
    Child("ResourceSkills", "Resources", "resourceID", "Resources", "Skills"),
    Child("TaskNotes", "Tasks", "taskID", "Tasks", "Notes"),
    Child("TaskPredecessors", "Tasks", "successorTaskID", "Tasks", "Predecessors"),
    Child("Tasks", "Projects", "projectID", "Projects", "Tasks"),
    Child("TicketCharges", "Tickets", "ticketID", "Tickets", "Charges"),
    Child("TicketChecklistItems", "Tickets", "ticketID", "Tickets", "ChecklistItems"),
    Child("TicketNotes", "Tickets", "ticketID", "Tickets", "Notes"),
    Child("TicketRmaCredits", "Tickets", "ticketID", "Tickets", "RmaCredits"),
    Child("UserDefinedFieldListItems", "UserDefinedFieldDefinitions", "udfFieldId", "UserDefinedFields", "ListItems"),
)

CHILDREN: Final = {child.entity: child for child in _TABLE}
