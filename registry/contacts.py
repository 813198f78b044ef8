"""Contacts of enterprises, as people without the right to see them whole are shown them."""


def masked_name(name: str) -> str:
    """张三丰 is 张**."""
    return name[:1] + "**" if name else ""


def masked_phone(number: str) -> str:
    """13812340000 is 138****0000; what is too short to keep both ends is hidden whole."""
    if len(number) < 11:
        return "****" if number else ""
    return f"{number[:3]}****{number[-4:]}"
