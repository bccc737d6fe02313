"""One photo of a sample day: of whom, when, under which name."""

import dataclasses
import datetime

from pipelines.sample import chain, frames, people, visits

KINDS = ("shopper", "two_people", "empty", "blurred", "small", "truncated")
ID_PLACES = ("name", "captures")
BATCH = "batch-0001.tar"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """One photo to be taken.

    Attributes:
      store_id: Store.
      register: Till; its camera stamps the photo with its own clock.
      file_name: Bare name.
      is_batched: It lies in a tar.
      kind: One of `KINDS`.
      sitters: Who stands there; two for `two_people`, nobody for `empty`.
      bystander: Somebody further back.
      visit: The receipt that it belongs to.
      taken_msec: True time, Unix.
      captured_msec: Time by the camera's clock, Unix.
      id_place: Where its transaction id is given, one of `ID_PLACES`; None: nowhere.
      has_captures_row: The cameras' controller lists it.
      seed: Of pose, light and noise.
    """

    store_id: str
    register: chain.Register
    file_name: str = ""
    is_batched: bool = False
    kind: str
    sitters: tuple[people.Person, ...]
    bystander: frames.Rendered | None = None
    visit: visits.Visit | None
    taken_msec: int
    captured_msec: int = 0
    id_place: str | None = None
    has_captures_row: bool = False
    seed: tuple[int, ...] = ()

    @property
    def photo(self) -> str:
        """Path below `photos/date=…/`."""
        batch = f"{BATCH}/" if self.is_batched else ""
        return f"store={self.store_id}/{batch}{self.file_name}"


def name_of(register_id: str, captured_msec: int, transaction_id: str | None) -> str:
    """Makes a file name such as `R03_20261121T174512345Z_T000881.jpg`."""
    second, msec = divmod(captured_msec, 1_000)
    at = datetime.datetime.fromtimestamp(second, datetime.UTC)
    suffix = f"_T{transaction_id}" if transaction_id else ""
    return f"{register_id}_{at:%Y%m%dT%H%M%S}{msec:03d}Z{suffix}.jpg"
