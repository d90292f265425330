"""The routes of the API's site: pages, files, sign-in, webhooks."""

from typing import TYPE_CHECKING

from starlette.routing import BaseRoute

from api.downloads.positions import PositionArchives
from api.downloads.routes import Downloads
from api.inbox import inbox_routes
from api.pages import dashboard, owner
from api.pages.address_codes import AddressCodes
from api.pages.agreement import AgreementPages
from api.pages.asking import Asking, Bearers
from api.pages.booking import BookingPages
from api.pages.counter import CounterPages
from api.pages.driver import DriverPage
from api.pages.exit import ExitPages
from api.pages.fetching import FetchingPages
from api.pages.grant import GrantPages
from api.pages.invitation import InvitationPages
from api.pages.position_link import PositionLinkPages
from api.pages.receipt import ReceiptPages
from api.pages.rights_files import RightsFiles
from api.pages.shells import Shells
from api.photos import PhotoDoor
from api.signin import SignIn
from api.webhooks import Webhooks

if TYPE_CHECKING:
    from berth.wiring import Program


def site_routes(program: "Program", asking: Asking, bearers: Bearers) -> list[BaseRoute]:
    """All of them."""
    sign_in = SignIn(
        program.keys,
        program.clock,
        program.channel,
        program.standings,
        development=program.is_development,
    )
    return [
        *sign_in.routes(),
        *inbox_routes(development=program.is_development),
        *dashboard.routes,
        *owner.routes,
        *BookingPages(asking, program.clock).routes(),
        *AgreementPages(asking).routes(),
        *GrantPages(DriverPage(asking, bearers)).routes(),
        *ExitPages(DriverPage(asking, bearers), program.clock).routes(),
        *PositionLinkPages(asking, program.clock).routes(),
        *InvitationPages(asking, bearers).routes(),
        *FetchingPages(asking, bearers, program.clock).routes(),
        *ReceiptPages(asking, bearers).routes(),
        *Downloads(bearers).routes(),
        *RightsFiles(asking, bearers, program.settings.public_url).routes(),
        *CounterPages(asking, bearers, program.clock, program.settings.public_url).routes(),
        *Shells(development=program.is_development).routes(),
        *Webhooks(program.rails, program.funding, program.clock, program.bus).routes(),
        *program.sms.routes(),
        *program.order_hooks.routes(),
        *PhotoDoor(program.photos, program.keys.photos, program.clock).routes(),
        *PositionArchives(bearers, program.photos, program.clock).routes(),
        *AddressCodes(bearers, program.settings.public_url).routes(),
    ]
