"""Renders whole trading days: photos, captures, purchase log and the truth."""

import collections
import dataclasses
import datetime
import json
import pathlib
from collections.abc import Sequence

import numpy as np
import tqdm

from pipelines import flags
from pipelines.sample import (
    cameras,
    catalogue,
    chain,
    face_files,
    logs,
    markets,
    people,
    photo_folder,
    real_lines,
    settings,
    shots,
    studio,
    truth,
    visits,
)

_DAY_FOLDERS = ("photos", "captures", "purchases", "truth")


@dataclasses.dataclass(slots=True, kw_only=True)
class Tally:
    """What was rendered.

    Attributes:
      photos: Number of photos by kind (see `shots.KINDS`), and how many are
        `matchable`.
      others: Number of `transactions`, `lines` and `captures`.
      careless_cashier_id: Who rarely asks for ID.
    """

    photos: collections.Counter[str] = dataclasses.field(
        default_factory=collections.Counter
    )
    others: collections.Counter[str] = dataclasses.field(
        default_factory=collections.Counter
    )
    careless_cashier_id: str


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class PlannedStore:
    """What happens in one store on one day."""

    store: chain.Store
    visits: list[visits.Visit]
    shots: list[shots.Shot]


def render(wanted: settings.SampleSettings) -> Tally:
    """Renders all days that are asked for.

    Raises:
      flags.UsageError: the input or the output cannot be used.
    """
    root = pathlib.Path(wanted.output)
    _refuse_used(root, wanted.days)
    made = chain.make_chain(
        wanted.seed, wanted.num_stores, wanted.transactions_per_store
    )
    supply = Supply(wanted)
    open_output(root, made, supply.preferences)
    tally = Tally(careless_cashier_id=made.careless_cashier_id)
    with studio.Studio(wanted.num_workers) as rooms:
        for day in wanted.days:
            planned = [plan(wanted, made, store, day, supply) for store in made.stores]
            write_day(root, day, planned, rooms, tally)
            if supply.labelled is None:
                taken = [shot for each in planned for shot in each.shots]
                truth.add_labels(root / "truth" / "labels.csv", day.isoformat(), taken)
    return tally


class Supply:
    """Where baskets and buyers come from."""

    def __init__(self, wanted: settings.SampleSettings) -> None:
        """Opens what `wanted` names, or makes baskets and buyers up."""
        self.market: markets.Market = markets.MadeUpMarket(wanted.student_share)
        self.preferences: tuple[catalogue.Preference, ...] = catalogue.PREFERENCES
        self.labelled: people.Crowd | None = None
        if wanted.purchase_lines:
            self.market = real_lines.RealMarket(wanted.purchase_lines)
            self.preferences = ()
        if wanted.labels:
            self.labelled = face_files.crowd(
                wanted.faces, wanted.labels, wanted.face_split
            )

    def crowd(self, store: chain.Store, day: datetime.date) -> people.Crowd:
        """Gives the buyers of one store and day."""
        return self.labelled or people.RenderedCrowd(f"{day:%Y%m%d}-{store.store_id}")


def plan(
    wanted: settings.SampleSettings,
    made: chain.Chain,
    store: chain.Store,
    day: datetime.date,
    supply: Supply,
) -> PlannedStore:
    """Decides what happens in one store on one day."""
    seed = (wanted.seed, day.toordinal(), store.index)
    rng = np.random.default_rng(seed)
    crowd = supply.crowd(store, day)
    there = visits.StoreDay(
        rng=rng,
        store=store,
        day=day,
        check_rates=made.check_rates,
        market=supply.market,
        crowd=crowd,
    ).visits(wanted.transactions_per_store)
    taken = cameras.make_shots(rng, store, there, crowd, seed)
    return PlannedStore(store=store, visits=there, shots=taken)


def write_day(
    root: pathlib.Path,
    day: datetime.date,
    planned: Sequence[PlannedStore],
    rooms: studio.Studio,
    tally: Tally,
) -> None:
    """Writes the input and the truth of one day, and adds to `tally`."""
    folder = f"date={day.isoformat()}"
    faults: list[str] = []
    for each in planned:
        faults += logs.write_purchases(
            root / "purchases" / folder,
            each.store,
            each.visits,
            has_bad_line=each.store.index == 0,
        )
    taken = [shot for each in planned for shot in each.shots]
    there = [visit for each in planned for visit in each.visits]
    faults += [f"{shot.photo}: cut short" for shot in taken if shot.kind == "truncated"]
    tally.photos += truth.write_day(root / "truth" / folder, there, taken, faults)
    tally.others["captures"] += logs.write_captures(root / "captures" / folder, taken)
    tally.others["transactions"] += len(there)
    tally.others["lines"] += sum(len(visit.lines) for visit in there)
    _write_photos(root / "photos" / folder, day, planned, rooms)


def _write_photos(
    folder: pathlib.Path,
    day: datetime.date,
    planned: Sequence[PlannedStore],
    rooms: studio.Studio,
) -> None:
    num_photos = sum(len(each.shots) for each in planned)
    # disable=None: only on a terminal.
    with tqdm.tqdm(
        total=num_photos, desc=day.isoformat(), unit="photo", disable=None
    ) as progress:
        encoded = rooms.develop([shot for each in planned for shot in each.shots])
        for each in planned:
            # Not strict: the next store's photos follow.
            photos = zip(each.shots, encoded, strict=False)
            place = folder / f"store={each.store.store_id}"
            for _ in photo_folder.write(place, photos):
                progress.update()


def _refuse_used(root: pathlib.Path, days: Sequence[datetime.date]) -> None:
    for day in days:
        for name in _DAY_FOLDERS:
            folder = root / name / f"date={day.isoformat()}"
            if folder.is_dir() and any(folder.iterdir()):
                raise flags.UsageError(
                    f"--output {root}: {folder} exists and is not empty; delete that "
                    "day, or give another --date or --output"
                )


def open_output(
    root: pathlib.Path,
    made: chain.Chain,
    preferences: Sequence[catalogue.Preference],
) -> None:
    """Writes what holds for all days; a root holds the days of one chain.

    Raises:
      flags.UsageError: it cannot be written, or holds days of another chain.
    """
    plan = truth.plan_of(made, preferences)
    file = root / "truth" / "plan.json"
    try:
        if file.exists() and json.loads(file.read_text(encoding="utf-8")) != plan:
            raise flags.UsageError(
                f"--output {root}: it holds days of another chain; give the --seed, "
                "--stores, --transactions-per-store and --purchase-lines of those "
                "days, or another --output"
            )
        truth.write_plan(file, plan)
        logs.write_stores(root / "stores.csv", made.stores)
    except OSError as error:
        raise flags.UsageError(
            f"--output {root}: cannot be written: {error.strerror}; choose a folder "
            "that you may write to"
        ) from error
