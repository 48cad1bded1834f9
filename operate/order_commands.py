"""``parloir orders``, whole: what every module of orders has to offer, as one group."""

from operate import order_files, order_notices, order_reports, order_steps
from operate.orders import orders

__all__ = ["orders"]

order_steps.add_to(orders)
order_notices.add_to(orders)
order_reports.add_to(orders)
orders.command("verify")(order_files.verify)
orders.command("import")(order_files.import_files)
