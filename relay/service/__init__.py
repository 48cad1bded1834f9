"""The relay's imperative shell: one runner per concern around the pure core.

`visits` drives every visit's machine; `calls` and `workers` carry its media; `orders` suspends
and lifts; `booths` is the terminals' side and `links` the visitors'; `alerts`, `recordings` and
`feed` tell people. `facts` and `booking` stand between the store and the policy.
"""
