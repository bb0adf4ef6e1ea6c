"""What a record is and how it changes: values, schema, change sets. Pure: no Django, no requests, no clock."""
