"""What is not written down."""

import logging

from berth.logs import NoLinks

TOKEN = "aaaaaaaaaaaadorilrwo2riprgvcbuiysi5logbz"


def test_the_log_of_requests_does_not_tell_links() -> None:
    told = (logging.INFO, __file__, 1, '%s - "%s %s HTTP/%s" %d')
    args = ("192.0.2.7:1", "GET", f"/b/{TOKEN}/agreement.pdf?lang=en", "1.1", 200)
    record = logging.getLogger().makeRecord("uvicorn.access", *told, args, None)
    assert NoLinks().filter(record)
    assert record.getMessage() == '192.0.2.7:1 - "GET /b/…/agreement.pdf?lang=en HTTP/1.1" 200'
