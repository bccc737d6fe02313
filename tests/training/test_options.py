import pathlib

import pytest

from training import config, flags, options, recipes


@pytest.fixture
def places(tmp_path):
    """A folder of photos, a tar, and two labels files."""
    (tmp_path / "photos").mkdir()
    for name in ("photos.tar", "a.csv", "b.csv", "MINE"):
        (tmp_path / name).write_text("")
    return tmp_path


def _argv(places: pathlib.Path, *more: str) -> list[str]:
    return [
        f"--images={places / 'photos'}",
        f"--labels={places / 'a.csv'}",
        f"--output={places / 'bundle'}",
        *more,
    ]


def test_defaults_are_those_of_the_config(places):
    found = options.parse(_argv(places))

    assert found == config.TrainConfig(
        sources=(
            config.PhotoSource(images=places / "photos", labels=places / "a.csv"),
        ),
        output=places / "bundle",
    )


@pytest.mark.parametrize(
    ("flag", "value", "read"),
    [
        ("--name=mine", "mine", lambda found: found.name),
        ("--initial-weights=random", "random", lambda found: found.initial_weights),
        ("--image-size=64", 64, lambda found: found.image_size),
        ("--seed=3", 3, lambda found: found.seed),
        ("--recipe=frozen-features", "frozen-features", lambda found: found.recipe),
        ("--face-crop=none", "none", lambda found: found.face_crop),
        ("--framed-copies", True, lambda found: found.framed_copies),
        ("--crop-margin=0.4", 0.4, lambda found: found.face_settings.crop_margin),
        ("--threads=2", 2, lambda found: found.num_threads),
        ("--quantization-photos=9", 9, lambda found: found.quantization_photos),
        ("--epochs=2", 2, lambda found: found.fit.epochs),
        ("--batch-size=8", 8, lambda found: found.fit.batch_size),
        ("--learning-rate=0.5", 0.5, lambda found: found.fit.learning_rate),
        ("--head=regression", "regression", lambda found: found.fit.head),
        ("--no-augmentation", False, lambda found: found.fit.has_augmentation),
        ("--no-averaging", False, lambda found: found.fit.has_averaging),
        ("--age-balance=0", 0, lambda found: found.fit.age_balance),
        ("--child-weight=0.7", 0.7, lambda found: found.fit.child_weight),
        ("--precision=float32", "float32", lambda found: found.precision),
        ("--max-train-photos=9", 9, lambda found: found.max_train_photos),
        ("--source-weights=a=0.5", (("a", 0.5),), lambda found: found.source_weights),
        ("--run=r", pathlib.Path("r"), lambda found: found.run_folder),
        ("--fit-only", True, lambda found: found.is_fit_only),
        ("--cache=c", pathlib.Path("c"), lambda found: found.cache),
        ("--shopper-ages=s", pathlib.Path("s"), lambda found: found.shopper_ages),
    ],
)
def test_a_flag_changes_something(places, flag, value, read):
    assert read(options.parse(_argv(places, flag))) == value


def test_the_recipe_of_the_first_study(places):
    found = options.parse(_argv(places, "--recipe=original"))

    assert found.fit == recipes.ORIGINAL_FIT
    assert (found.fit.epochs, found.fit.learning_rate) == (10, 3e-4)
    assert not found.fit.is_distribution


def test_a_part_may_be_changed_in_any_recipe(places):
    found = options.parse(
        _argv(places, "--recipe=original", "--augmentation", "--epochs=3")
    )

    assert found.fit.has_augmentation
    assert found.fit.epochs == 3
    assert found.fit.learning_rate == recipes.ORIGINAL_FIT.learning_rate


def test_a_frozen_backbone_has_a_head_that_learns(places):
    found = options.parse(_argv(places, "--recipe=frozen-features", "--head-epochs=3"))

    assert (found.fit.epochs, found.fit.head_epochs) == (0, 3)


def test_a_frozen_backbone_takes_no_epochs(places):
    with pytest.raises(flags.UsageError, match="--head-epochs says how long"):
        options.parse(_argv(places, "--recipe=frozen-features", "--epochs=3"))


def test_blocks_can_be_frozen_or_none(places):
    assert options.parse(
        _argv(places, "--frozen-blocks", "conv1", "conv2", "conv3")
    ).fit.frozen_blocks == ("conv1", "conv2", "conv3")
    assert options.parse(_argv(places, "--frozen-blocks")).fit.frozen_blocks == ()


def test_the_run_lies_beside_the_bundle(places):
    assert options.parse(_argv(places)).run_folder == places / "bundle.run"


def test_fits_to_compare(places):
    found = options.parse(_argv(places, f"--ablations={places / 'MINE'}"))

    assert found.ablations == places / "MINE"


def test_sources_to_calibrate_on(places):
    found = options.parse(_argv(places, "--calibration-sources", "a", "b"))

    assert found.calibration_sources == ("a", "b")


def test_own_licence(places):
    found = options.parse(_argv(places, f"--license-file={places / 'MINE'}"))

    assert found.license_file == places / "MINE"


def test_labels_are_paired_with_images(places):
    images = [str(places / "photos"), str(places / "photos.tar")]
    files = [str(places / "a.csv"), str(places / "b.csv")]

    paired = options.parse(
        ["--images", *images, "--labels", *files, "--output=new"]
    ).sources
    shared = options.parse(
        ["--images", *images, "--labels", files[0], "--output=new"]
    ).sources

    assert [(s.images.name, s.labels.name) for s in paired] == [
        ("photos", "a.csv"),
        ("photos.tar", "b.csv"),
    ]
    assert [s.labels.name for s in shared] == ["a.csv", "a.csv"]


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        (["--epoch=3"], "unrecognized arguments: --epoch=3"),
        (["--epochs=-1"], "epochs must be at least 0. Received: -1"),
        (["--epochs=many"], "--epochs: invalid int value: 'many'"),
        (["--image-size=16"], "image_size must be 32 to 1024"),
        (["--crop-margin=-1"], "crop_margin must be at least 0"),
        (["--learning-rate=0"], "learning_rate must be above 0"),
        (["--batch-size=0"], "batch_size must be at least 1"),
        (["--seed=-1"], "seed must be at least 0"),
        (["--quantization-photos=0"], "quantization_photos must be at least 1"),
        (["--framed-copies", "--face-crop=none"], "framed_copies needs face_crop auto"),
        (["--recipe=magic"], "invalid choice: 'magic'"),
        (["--head=magic"], "invalid choice: 'magic'"),
        (["--max-train-photos=-1"], "max_train_photos must be at least 0"),
        (["--source-weights", "a"], "takes SOURCE=WEIGHT, such as studio=0.5"),
        (["--source-weights", "a=0"], "weight of a must be in"),
        (["--ablations=none"], "--ablations none: no such file"),
        (
            ["--recipe=frozen-features", "--head=regression"],
            "head does not learn first",
        ),
        (["--license-file=none"], "--license-file none: no such file"),
        (["--labels", "x", "y"], "one file, or one for each of --images"),
        (["--images", "nowhere"], "nowhere: no such file or folder"),
    ],
)
def test_refuses_what_cannot_be(places, more, reason):
    with pytest.raises(flags.UsageError, match=reason):
        options.parse(_argv(places, *more))


@pytest.mark.parametrize("missing", ["--images", "--labels", "--output"])
def test_asks_for_what_is_missing(places, missing):
    argv = [flag for flag in _argv(places) if not flag.startswith(missing)]

    with pytest.raises(flags.UsageError, match=f"required: {missing}"):
        options.parse(argv)


def test_never_writes_over_a_bundle(places):
    (places / "bundle").mkdir()
    (places / "bundle" / "bundle.json").write_text("{}")

    with pytest.raises(flags.UsageError, match="is there already"):
        options.parse(_argv(places))


def test_help_names_defaults_units_and_an_example(capsys):
    with pytest.raises(SystemExit) as ending:
        options.parse(["--help"])

    assert ending.value.code == 0
    shown = capsys.readouterr().out
    for expected in ("examples:", "tillage train --images", "years", "pixels", "224"):
        assert expected in shown
