"""One small module per API, sans-I/O: plan steps to requests, answers to records, outcomes or errors."""
