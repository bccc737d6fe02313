"""Weeks of published days on which the cameras see what they always see."""

import dataclasses
import datetime

import numpy as np

from pipelines import config
from pipelines.publishing import publish, warehouse
from tests.publishing import builders

MODEL = "ab" * 32


def days_like(store_health, num_days, until=builders.DATE, seed=0):
    """Makes days that stray a little around one.

    Args:
      store_health: Values of `schemas.runs.STORE_HEALTH`, one a store.
      num_days: How many.
      until: The day after the last.
      seed: Of how they stray.

    Returns:
      Such values by day.
    """
    rng = np.random.default_rng(seed)
    dates = [until - datetime.timedelta(number) for number in range(num_days, 0, -1)]
    return {date: [_like(row, rng) for row in store_health] for date in dates}


def _like(row, rng):
    bands = np.array(row["photos_by_age_band"])
    return row | {
        "mean_brightness": row["mean_brightness"] * rng.lognormal(0, 0.01),
        "mean_face_px": row["mean_face_px"] * rng.lognormal(0, 0.02),
        "photos_by_age_band": rng.multinomial(bands.sum(), bands / bands.sum()),
    }


def publish_days(root, days, model_sha256=MODEL, run_id="steady", **run_counts):
    """Publishes days with the code of the nightly job."""
    for date, store_health in days.items():
        publish_day(root, date, store_health, model_sha256, run_id, **run_counts)


def publish_day(
    root, date, store_health, model_sha256=MODEL, run_id="steady", **run_counts
):
    """Publishes one day; of two runs, the one whose name sorts last is newer."""
    day = warehouse.day(str(root), date)
    facts = dataclasses.replace(builders.facts(run_id), model_sha256=model_sha256)
    return publish.publish(
        day,
        builders.stage(day, run_id, "v1"),
        builders.counts(**run_counts),
        store_health,
        facts=facts,
        limits=config.Limits(),
        finished_at_utc=builders.STARTED + datetime.timedelta(hours=1),
    )
