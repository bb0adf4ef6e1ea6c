"""An imitation of the Autotask PSA REST API, to the letter of what is known of it, over an invented, messy tenant.

    api = AutotaskApi(records=2000, seed=1, username="api@example.com", secret="sandbox", integration_code="SANDBOX")

`api.switches` holds every uncertain behaviour:

| switch | default | meaning |
| --- | --- | --- |
| access_as | "words" | userAccessFor… as "words" (All, None) or "numbers" |
| companies_is_active_required | False | Companies.isActive is required; if not, a PUT without it nulls it |
| company_category_read_only | False | whether Companies.companyCategoryID is read-only |
| contact_company_required_on_put | False | a PUT of a contact must name its (read-only) companyID |
| date_only_fields | CI installDate, warrantyExpirationDate | fields whose time becomes midnight |
| denied_entities | [] | entities this user may not write: 500 with the permissions text |
| empty_filter | "refused" | a query with `filter: []` is "refused" like a missing one, or matches "all" |
| empty_parent_value | "" | parentValue of a picklist value without parent: "" or None |
| empty_text | "kept" | "" is "kept" or stored as "null" |
| empty_udfs | "listed" | no UDF has a value: each "listed" as null, "empty" list, or list "missing" |
| error_noise | "every" | the record-number line follows "every" failed update, "some" (every other one) or "none" |
| hour_limit | 10000 | calls per rolling hour for the tenant; 429 when they are spent |
| hour_start | 0 | calls that other integrations made this hour |
| inactive_picklist_values | "unchanged_only" | inactive values pass if unchanged, "accepted" always, "refused" never |
| inactive_references | "unchanged_only" | the same for inactive contacts, resources, roles and company categories |
| latency | 0 | seconds each call holds its thread |
| latency_scale | 1 | factor on the 0.5 s and 1 s added from 50 % and 75 % of the hour |
| masked_udfs | True | protected UDFs read as ***** and refuse to be written |
| missing_id | "404" | GET of an unknown id: "404", or "null" for 200 with item null |
| next_page_origin | "" | origin of page addresses instead of our own, to see whether credentials follow it |
| noteq_matches_null | False | noteq and notIn find rows without a value |
| pages_kept | 50 | pages a query can be followed for |
| parent_field_in_pascal_case | False | picklistParentValueField as IssueType instead of issueType |
| put_omitted_udfs | "kept_when_required" | UDFs left out of a PUT: "nulled", "kept" or "kept_when_required" |
| required_by_category | {"4": ["queueID"]} | ticket fields that a ticketCategory makes required |
| rich_text_fields | ["ConfigurationItems.notes"] | fields whose rich version any update holding them destroys |
| silently_immutable | [] | "Entity.field" that answers 200 and does not change, e.g. "Companies.invoiceTemplateID" |
| threads_per_object | 3 | concurrent calls per object endpoint; one more is 429 |
| unauthorized_body | "json" | body of a 401: "json", "html" or "empty" |
| workflow_status_flip_ms | None | after so many ms a ticket gets its former status back |
| zone_url | "" | what zoneInformation answers instead of our own address |

Hidden rich text shows only in `dump`, as "rich:<field>", and is gone once an update holds the field.
"""

from adminui.sandbox.autotask.api import AutotaskApi

__all__ = ["AutotaskApi"]
