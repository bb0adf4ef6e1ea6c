"""A web admin for records that live behind somebody else's REST API."""
