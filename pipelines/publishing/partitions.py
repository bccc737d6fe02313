"""Published Parquet files of one day: found, checked, and read column by column."""

import contextlib
import dataclasses
import datetime
import os
from collections.abc import Iterable, Iterator, Sequence

import pyarrow as pa
import pyarrow.dataset as ds

from pipelines.storage import roots

_VERSION = b"tillage_schema_version"
_DAY = "date="


class WarehouseError(Exception):
    """Published tables cannot be read; the message says which, why, and what to do."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Partitions:
    """One table of a warehouse, a folder for each day.

    Attributes:
      warehouse: Local folder, or a place in a bucket.
      table: Folder of the table, such as `marketing/demand_total`.
      schema: Columns that its files must have, with the version in the metadata.
      oldest_version: Of the schemas that can be read; None: only the version of
        `schema`. Columns, and fields of structures, that files of an older version
        lack are null.
    """

    warehouse: str
    table: str
    schema: pa.Schema
    oldest_version: int | None = None

    def days(self, among: Iterable[datetime.date] | None = None) -> list[datetime.date]:
        """Lists the days that have files, ascending.

        Args:
          among: Other days are left out; None: none is.

        Raises:
          WarehouseError: the table is not there, or may not be read.
        """
        found = {_day_of(name) for name in self._folders()}
        wanted = found if among is None else found & {*among}
        return sorted(day for day in wanted if day is not None and self._paths(day))

    def read(
        self, day: datetime.date, columns: Sequence[str], encoded: Sequence[str] = ()
    ) -> pa.Table:
        """Reads some columns of one day.

        Args:
          day: Published day.
          columns: Their names.
          encoded: Those of them that stay dictionaries, one dictionary a column, which
            takes a third of the time where few texts are many times there.

        Raises:
          WarehouseError: the day has no files, one is damaged, or is of another
            version of the schema.
        """
        paths = self._paths(day)
        if not paths:
            raise WarehouseError(
                f"{self._root.describe(self._folder(day))}: no files, although the day "
                f"is published; run tillage score for {day} again"
            )
        schema = _encoded(self.schema, encoded)
        parts = [self._read(path, day, columns, schema) for path in paths]
        return pa.concat_tables(parts).unify_dictionaries()

    def _folder(self, day: datetime.date) -> str:
        return f"{self.table}/{_DAY}{day.isoformat()}"

    def _folders(self) -> list[str]:
        with self._clear_errors():
            found = self._root.folders(self.table)
        if not found and not self._root.exists(self.table):
            raise WarehouseError(
                f"{self._root.describe(self.table)}: not there; name the folder that "
                "tillage score --output wrote"
            )
        return found

    def _paths(self, day: datetime.date) -> list[str]:
        # While a day is being published, a link may lead nowhere yet: it is no file.
        with self._clear_errors():
            entries = list(self._root.files(self._folder(day), recursive=False))
        paths = (entry.path for entry in entries if not entry.fault)
        return [
            path
            for path in paths
            if path.endswith(".parquet") and not os.path.basename(path).startswith("_")
        ]

    @property
    def _root(self) -> roots.Root:
        return roots.at(self.warehouse)

    @contextlib.contextmanager
    def _clear_errors(self) -> Iterator[None]:
        try:
            yield
        except PermissionError as error:
            raise WarehouseError(
                f"{error.filename}: this user may not read it; a report needs "
                "marketing/, audit/ and runs/"
            ) from error
        except roots.UnavailableError:
            raise
        except roots.StorageError as error:
            raise WarehouseError(str(error)) from error

    def _read(
        self, path: str, day: datetime.date, columns: Sequence[str], schema: pa.Schema
    ) -> pa.Table:
        names = [field.name for field in schema if pa.types.is_dictionary(field.type)]
        place = self._root.describe(path)
        options = ds.ParquetReadOptions(dictionary_columns=names)
        kind = ds.ParquetFileFormat(read_options=options)
        try:
            fragment = kind.make_fragment(*self._root.arrow_source(path))
            self._check(fragment.physical_schema, schema, place, day)
            rows = fragment.to_table(schema=schema, columns=list(columns))
        except roots.UnavailableError:
            raise
        except (pa.ArrowException, OSError, roots.StorageError) as error:
            reason = str(error).splitlines()[0]
            raise WarehouseError(
                f"{place}: damaged or not readable; run tillage score for {day} again "
                f"({reason})"
            ) from error
        return rows

    def _check(
        self, found: pa.Schema, wanted: pa.Schema, path: str, day: datetime.date
    ) -> None:
        is_old = self._version(found, path, day) < self._newest_version
        for name, kind in zip(wanted.names, wanted.types, strict=True):
            if name not in found.names:
                is_readable = is_old and self.schema.field(name).nullable
            elif is_old:
                is_readable = _can_become(found.field(name).type, kind)
            else:
                is_readable = found.field(name).type == kind
            if not is_readable:
                raise WarehouseError(
                    f"{path}: column {name} is missing or not "
                    f"{self.schema.field(name).type}; run tillage score for {day} again"
                )

    def _version(self, found: pa.Schema, path: str, day: datetime.date) -> int:
        newest = self._newest_version
        oldest = newest if self.oldest_version is None else self.oldest_version
        version = _version_of(found)
        if version is None or not oldest <= version <= newest:
            readable = newest if oldest == newest else f"{oldest} to {newest}"
            found_version = "none" if version is None else version
            raise WarehouseError(
                f"{path}: schema version {found_version}, this Tillage reads "
                f"{readable}; run tillage score for {day} again, or read it with the "
                "Tillage that wrote it"
            )
        return version

    @property
    def _newest_version(self) -> int:
        return int(self.schema.metadata[_VERSION])


def _version_of(schema: pa.Schema) -> int | None:
    written = (schema.metadata or {}).get(_VERSION, b"").decode()
    return int(written) if written.isdecimal() else None


def _can_become(found: pa.DataType, wanted: pa.DataType) -> bool:
    """Tells whether older values can be read as wanted: optional fields may lack."""
    if pa.types.is_list(found) and pa.types.is_list(wanted):
        return _can_become(found.value_type, wanted.value_type)
    if not (pa.types.is_struct(found) and pa.types.is_struct(wanted)):
        return bool(found == wanted)
    there = {field.name: field.type for field in found}
    return {*there} <= {field.name for field in wanted} and all(
        _can_become(there[field.name], field.type)
        if field.name in there
        else field.nullable
        for field in wanted
    )


def _encoded(schema: pa.Schema, names: Sequence[str]) -> pa.Schema:
    text = pa.dictionary(pa.int32(), pa.string())
    fields = [
        field.with_type(text) if field.name in names else field for field in schema
    ]
    return pa.schema(fields, metadata=schema.metadata)


def _day_of(name: str) -> datetime.date | None:
    if not name.startswith(_DAY):
        return None
    try:
        return datetime.date.fromisoformat(name.removeprefix(_DAY))
    except ValueError:
        return None
