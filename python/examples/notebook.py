# %% [markdown]
# # Card testing in a notebook
# Several small probes on a card, then a large purchase. Cells are marked as in Jupyter and VS Code (`# %%`); as a program it runs as it is.

# %%
import random

import sequitur

RULES = {
    "card_testing.seq": """
stream auth { card: string, amount: float }

rule card_testing "Small probes, then a large purchase" {
  key    card
  within 10m
  first  probe: auth{3..} where amount < 5
  then   hit: auth where amount > 100 * avg(probe.amount)
  emit   fraud(card, probes = count(probe), amount = hit.amount)
}
"""
}
engine = sequitur.Engine(RULES)
engine.streams

# %% [markdown]
# A day of payments as columns. Lists do; numpy arrays, pandas columns and Arrow arrays are taken without a copy.

# %%
random.seed(7)
count = 50_000
times = sorted(random.randrange(86_400_000_000) for _ in range(count))
cards = [f"{random.randrange(3_000):04}" for _ in range(count)]
amounts = [round(random.lognormvariate(3, 1), 2) for _ in range(count)]
for step, amount in enumerate([1.0, 0.9, 1.2, 890.0]):  # An incident.
    cards[20_000 + step], amounts[20_000 + step] = "stolen", amount

alerts = engine.push_columns("auth", times, {"card": cards, "amount": amounts})

# %%
for alert in alerts[:5]:
    print(f"{alert.time:%H:%M:%S}  card {alert['card']}: {alert['probes']} probes, then {alert['amount']}")
assert any(alert["card"] == "stolen" for alert in alerts)

# %% [markdown]
# The evidence of an alert are the events that the rule took.

# %%
stolen = next(alert for alert in alerts if alert["card"] == "stolen")
for event in stolen.evidence["probe"]:
    print(event["time"], event["amount"])
