"""Secure links: whoever has the address sees where one car stands, as long as its sharer lets."""
