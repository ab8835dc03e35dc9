"""Turns a cart into an order: looks the coupon up, has pricing quote the cart, and books the order."""

import itertools
import os
import threading
import urllib.parse

from kit.client import Context, ServiceClient
from kit.errors import HttpError
from kit.log import Log
from kit.service import Call, serve

log = Log("orders")
pricing = ServiceClient("pricing", os.environ.get("PRICING_URL", "http://pricing.shop"))
promotions = ServiceClient("promotions", os.environ.get("PROMOTIONS_URL", "http://promotions.shop"), timeout=2.0)


class OrderBook:
    """The orders of this instance, newest last; the oldest are dropped beyond the limit."""

    def __init__(self, limit: int = 10_000):
        self._orders: dict[str, dict] = {}
        self._numbers = itertools.count(1001)
        self._limit = limit
        self._lock = threading.Lock()

    def add(self, quote: dict) -> dict:
        with self._lock:
            number = f"O-{next(self._numbers)}"
            order = {"number": number, "status": "placed", "quoteId": quote["id"], "totalCents": quote["subtotalCents"] - quote["discountCents"]}
            self._orders[number] = order
            if len(self._orders) > self._limit:
                del self._orders[next(iter(self._orders))]
            return order

    def get(self, number: str) -> dict | None:
        return self._orders.get(number)


book = OrderBook()


def create_order(call: Call) -> tuple[int, object]:
    if not isinstance(call.body, dict) or not isinstance(call.body.get("cartId"), int):
        raise HttpError(400, "cartId must be a number")
    coupon = find_coupon(call.body.get("coupon"), call.context)
    quote = pricing.call("POST", "/quotes", call.context, {"cartId": call.body["cartId"], "coupon": coupon})
    order = book.add(quote)
    log.info("order placed", number=order["number"], totalCents=order["totalCents"], traceId=call.context.span.trace_id)
    return 201, order


def find_coupon(code: str | None, context: Context) -> dict | None:
    if code is None:
        return None
    try:
        return promotions.call("GET", f"/coupons/{urllib.parse.quote(code, safe='')}", context)
    except HttpError as error:
        raise HttpError(422, f"coupon refused: {error}") from error


def show_order(call: Call) -> tuple[int, object]:
    order = book.get(call.params["number"])
    if order is None:
        raise HttpError(404, f"no order {call.params['number']}")
    return 200, order


if __name__ == "__main__":
    serve("orders", [("POST", "/orders", create_order), ("GET", "/orders/(?P<number>[^/]+)", show_order)], log)
