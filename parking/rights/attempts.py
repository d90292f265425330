"""How often one may ask what costs work; wrong vehicle codes are counted in `parking.vehicles`."""

from parking.accounts.attempts import Limit
from parking.reservations.attempts import FIVE_MINUTES

PLANS_PER_VEHICLE = Limit("plan_of_vehicle", 60, FIVE_MINUTES)
"""Plans and redemptions of a vehicle: each prices its stay with many combinations of rights."""
GATE_REDEMPTIONS_PER_VIEWER = Limit("redeem_at_gate", 300, FIVE_MINUTES)
"""By one person or API key, for any plates: one a second, which is more than gates let through.
Each prices a stay with many combinations of rights."""
TRANSFERS_PER_VIEWER = Limit("transfer_of_right", 20, FIVE_MINUTES)
"""Rights that one driver, or whoever gave a vehicle code, tries to give away."""
CLAIMS_PER_VEHICLE = Limit("claim_of_vehicle", 60, FIVE_MINUTES)
"""Rights asked for a vehicle, whatever comes of it: each takes the locks of a contract and a code
that many others wait for."""
