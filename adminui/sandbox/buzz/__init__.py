"""An imitation of the Beeswax Buzz 2.0 REST API over records in memory.

Where the documentation is silent the sandbox answers as stock Django REST framework does, and a switch offers the
other possibilities:

| switch | starts as | what it decides |
|---|---|---|
| `cookie_name` | "buzz_key" | name of the session cookie: `<key>_buzz_cookie`, or the name given ("sessionid") |
| `session_seconds` | 900 | life of a session; installations are said to use 100 hours |
| `expired_status` | 401 | 401 or 403 for a request without a valid login |
| `wrong_password_status` | 401 | status of a refused login |
| `logins_per_minute` | 60 | logins allowed before 429 |
| `requests_per_minute` | None | requests allowed before 429, None for no limit |
| `retry_after` | True | whether those 429s carry Retry-After |
| `rewrite_cookie_every` | 20 | after so many requests of a session its cookie is rewritten, 0 for never |
| `old_cookie_seconds` | 30 | how long a rewritten cookie's old value is still accepted |
| `basic_auth` | False | whether HTTP Basic is accepted |
| `page_size_default` | 50 | records per page |
| `page_size_max` | 500 | a larger `page_size` is silently cut to this |
| `unknown_filter` | "ignore" | "ignore" (all records come) or "reject" with 400 |
| `search_suffix` | "both" | "contains", "icontains" or "both" |
| `not_filterable` | [] | field names that cannot be filtered |
| `ordering` | False | whether `ordering=-field` is heard |
| `not_found` | "named" | "named" (No Role matches …) or "plain" (Not found.) |
| `options_actions` | "put" | actions on a list's OPTIONS: "put", "post", "both"; "none" anywhere |
| `alternative_id_max` | 191 | 191 or 200 |
| `account_id_form` | "int" | "int" or "text" |
| `roles_have_active` | False | whether roles show `active` beside `archived` |
| `parent_role_required` | True | whether a role without a parent can be PUT |
| `include_fees_required` | False | whether `spend_budget.include_fees` is mandatory |
| `put_omitted` | "keep" | "keep" or "null": fate of optional fields left out of a PUT |
| `nested_patch` | "merge" | "merge" or "replace": fate of members left out of a nested object |
| `trims_text` | True | whether text loses its outer blanks |
| `drops_irrelevant` | True | whether the budget not meant by `budget_type` is emptied |
| `update_date` | "later" | "later" (every write shows) or "clock" (writes within one second do not) |
| `silently_ignored_field` | None | a field ("notes" or "line-items.notes") whose writes succeed without effect |
| `creatives_wrapped` | True | whether POST /creatives answers `{"result": …}` |
| `delete_answer` | "empty" | "empty" (204) or "object" (200 and the record) |
| `read_only_resources` | [] | resources whose writes answer 403 and whose OPTIONS offer none |
| `utc_offset_hours` | -5 | the account's time zone |
| `bulk_resources` | all but creatives and targeting-expressions | where `/bulk` exists; 405 elsewhere |
| `bulk_max` | 500 | rows or ids per bulk call, 400 beyond |
| `bulk_errors` | "list" | "list", "index-dict", "flat" or "keyed-by-id" |
| `bulk_unknown_id` | 400 | 400 (an error of the row) or 404 |
| `bulk_duplicate_ids` | "last_wins" | "last_wins" or "reject" |
| `bulk_shuffled` | True | whether bulk answers come in no order |
| `empty_ids_changes_all` | True | whether PATCH `/bulk?ids=` with an empty list changes every record |
"""

from adminui.sandbox.buzz.api import BuzzApi

__all__ = ["BuzzApi"]
