"""Coupons and offers."""

import os

from kit.errors import HttpError
from kit.log import Log
from kit.service import Answer, Call, serve

log = Log("promotions")

COUPONS = {
    "SPRING10": {"code": "SPRING10", "kind": "percent", "value": 10},
    "TEATIME25": {"code": "TEATIME25", "kind": "percent", "value": 25},
    "WELCOME5": {"code": "WELCOME5", "kind": "amount", "value": 500},
}
ENDED = {"WINTER20"}

OFFERS = {
    "TEA-ASSAM": ["three for the price of two"],
    "POT-GLASS": ["with a free measuring spoon"],
}
# These offers are kept by the maker, in a feed that is not always there.
PARTNER_SKUS = {"KETTLE-01"}


def show_coupon(call: Call) -> tuple[int, object]:
    code = call.params["code"].upper()
    if code in ENDED:
        raise HttpError(410, f"{code} has ended")
    if code not in COUPONS:
        raise HttpError(404, f"no coupon {code}")
    return 200, COUPONS[code]


def show_offers(call: Call) -> tuple:
    sku = call.params["sku"]
    if sku in PARTNER_SKUS and not os.environ.get("PARTNER_FEED"):
        message = "the partner's feed is not available"
        return Answer(503, {"error": message}, "own", message)
    return 200, {"sku": sku, "offers": OFFERS.get(sku, [])}


if __name__ == "__main__":
    serve("promotions", [("GET", "/coupons/(?P<code>[^/]+)", show_coupon), ("GET", "/offers/(?P<sku>[^/]+)", show_offers)], log)
