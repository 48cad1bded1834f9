"""REST under ``/api/v1``, the staff feed and the pages: who may ask, what they get.

`access` says who asks and what their role may do; every route names its roles there, and a route
that names none is closed. Leaves to others: doing things (`relay.service`).
"""
