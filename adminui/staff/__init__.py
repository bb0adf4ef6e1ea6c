"""Who may do what: grants to groups, the four roles, and the sign-in throttle."""
