"""Path converters of our own."""


class ResourceConverter:
    """A resource's name as one path segment; a slash inside it, as in `ref/currencies`, travels as a tilde."""

    regex = r"[A-Za-z0-9][A-Za-z0-9_.~-]*"

    def to_python(self, value: str) -> str:
        return value.replace("~", "/")

    def to_url(self, value: str) -> str:
        return value.replace("/", "~")
