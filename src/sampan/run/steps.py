"""The steps of a run: learn, make, judge. What a killed run has done already is not done again."""

from __future__ import annotations

import json
import math
import shlex
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from sampan import scratch
from sampan.column import join
from sampan.data import Columns, Table, write_stream
from sampan.data.disk import write_text, written
from sampan.data.stream import rows_of
from sampan.device import Asked
from sampan.evaluate.eyes import Learning
from sampan.evaluate.judge import FEWEST, MADE, compare, made_by, walked
from sampan.evaluate.report import Report
from sampan.evaluate.score import QUESTIONS
from sampan.family import Model
from sampan.field import Rows
from sampan.generator import Generator, load
from sampan.learning.learn import learn
from sampan.learning.progress import Progress
from sampan.media import Sheet
from sampan.randomness import Purpose, generator_of
from sampan.rules.notation import told
from sampan.rules.wish import Wish
from sampan.run.folder import ending, has_checkpoint, remove_checkpoint, stopped
from sampan.run.judging import Judging
from sampan.run.outcome import Run, next_command, tell_end
from sampan.run.plan import COMPARED, apart_of, family_of, rows_of_both, split
from sampan.run.recipe import Recipe
from sampan.run.rules import tell_rules
from sampan.schema import Layout, Schema
from sampan.screen import Screen, Stage, in_words, several, tell_notes, wrap
from sampan.space import Batch
from sampan.store import is_model

SHOWN = 16
"""Files on the sheet while learning, and on a screen after it."""

ON_SHEET = 64
"""Files on the sheet in the end."""


def sheet_of(seed: int, *shows: Callable[[Sheet], None]) -> Callable[[Layout, Model], None]:
    """What makes a sheet and shows it, called now and then while a model learns."""

    def look(layout: Layout, model: Model) -> None:
        name, medium = next(iter(layout.media.items()), ("", None))
        if medium is None:
            return
        made = Asked(model).sample(Batch.empty(layout.spaces, SHOWN), generator_of(seed, Purpose.SHEET))
        leaves = {leaf: made[layout.names[name, leaf]].numpy() for leaf in layout.codecs[name].spaces}
        column = layout.codecs[name].decode(leaves, Rows(0, SHOWN, seed, name))
        cells = [cell for cell in column.to_pylist() if cell is not None]
        if cells:
            sheet = medium.sheet(cells)
            for show in shows:
                show(sheet)

    return look


def sheet_in(place: Path) -> Callable[[Sheet], None]:
    """What writes a sheet into a folder, under the name that its medium gives it."""

    def write(sheet: Sheet) -> None:
        fresh = place / f".{sheet.name}.new"
        with scratch.unfinished(fresh):
            fresh.write_bytes(sheet.data)
            fresh.replace(place / sheet.name)

    return write


def sheet_on(stage: Stage) -> Callable[[Sheet], None]:
    """What shows a sheet with a stage, for as long as it lasts."""

    def show(sheet: Sheet) -> None:
        stage.sheet = sheet

    return show


def go_on(
    whole: Table,
    schema: Schema,
    plan: Recipe,
    place: Path,
    begun: float,
    screen: Screen,
    language: str = "en",
    show_real: bool = False,
) -> Run:
    """Everything after the first look; what a killed run has done already is not done again."""
    seen, aside = split(whole, plan)
    numbers = rows_of_both(whole, plan)[0] + 1
    generator, plan = _learned(seen, aside, schema, plan, place, screen, numbers)
    files = generator.layout.media
    rows = plan.make or (min(MADE, len(seen)) if files else len(seen))
    new = place / ("new" if files else f"new{ending(plan.source)}")
    made = _make(generator, rows, plan, new, screen)
    for name, medium in files.items():
        some = [cell for cell in made[name].slice(0, min(ON_SHEET, rows)).to_pylist() if cell is not None]
        if some:
            sheet_in(place)(medium.sheet(some))
            screen.sheet(medium.sheet(some[:SHOWN]))
            break
    report = _judge(generator, seen, aside, made, plan, place, screen, language, show_real)
    remove_checkpoint(place)
    following = next_command(generator, place, seen.columns)
    run = Run(place, plan, generator, new, rows, report, time.monotonic() - begun, following)
    tell_end(run, screen)
    return run


def _learned(
    seen: Table, aside: Table, schema: Schema, plan: Recipe, place: Path, screen: Screen, numbers: np.ndarray
) -> tuple[Generator, Recipe]:
    """The model: as it was learned before the run was killed, or learned now, from a checkpoint if any."""
    screen.heading("Learning")
    store = place / "model"
    if is_model(store) and plan.learned.get("ended", "interrupted") != "interrupted":
        screen.say("  It had been learned before.")
        return load(store), plan
    family = family_of(plan.family, plan)
    resumed = has_checkpoint(place)
    planned = None if plan.minutes is None else plan.minutes * 60

    def on_notes(notes: Sequence[str]) -> None:
        stage.turn("learning", planned)
        tell_notes([note for note in notes if note not in (*seen.notes, *schema.notices)], screen)

    with screen.stage("learning each column") as stage:
        generator = learn(
            seen,
            schema,
            family,
            budget=plan.budget,
            seed=plan.seed,
            on_step=progress_on(stage),
            checkpoint=place / "checkpoint",
            apart=aside if len(aside) else None,
            on_column=lambda done, of: stage.update(done, of),
            on_notes=on_notes,
            on_look=sheet_of(plan.seed, sheet_in(place), sheet_on(stage)),
            rules=Wish(tuple(plan.rules), tuple(plan.no_rules), numbers=numbers),
            on_rules=lambda rules: tell_rules(rules, screen),
        )
    with screen.stage("saving the model"), written(store):
        generator.save(store)
    history = generator.card.history
    looks = [look["held_out"] for look in history["looks"]]
    keep = ("steps", "planned", "best_step", "batch", "precision", "ended", "seconds")
    learned = {name: history[name] for name in keep if name in history}
    if generator.rules:
        learned["rules"] = [told(rule) for rule in generator.rules]
    learned["seconds"] = round(float(learned.get("seconds", 0.0)), 2)
    interrupted = history["ended"] == "interrupted"
    if not interrupted:  # what the clock decided, so that a repeated run need not ask it
        decided = [list(pair) for pair in history["plan"]]
        plan = replace(plan, plan=decided, precision=history["precision"])
        # where a tournament chose the family, a repeated run need not hold it again
        plan = replace(plan, family=generator.family.kind, settings=generator.family.settings())
    plan = replace(plan, learned=learned)
    plan.write(place / "recipe.toml")
    ended = {"enough": "; more would not help", "interrupted": "; stopped by you"}.get(history["ended"], "")
    screen.say(
        f"  {several(history['steps'], 'step')} in {in_words(history['seconds'])}{ended}"
        f"{' (gone on from a checkpoint)' if resumed else ''}"
    )
    if looks and math.isfinite(min(looks)):
        screen.say(f"  Held-out score: {looks[0]:.2f} at first, {min(looks):.2f} now (lower is better)")
    if interrupted:
        raise stopped(place)
    return generator, plan


def progress_on(stage: Stage) -> Callable[[Progress], None]:
    """What to call after every step, so that the stage shows it."""
    first: list[float] = []

    def on_step(progress: Progress) -> None:
        held = progress.held_out
        note = f"step {progress.step:,}"
        if held is not None:
            note += f", held-out {held:.2f}"
            if first and first[0] != held:
                note += f" (from {first[0]:.2f})"
            first[:] = first[:1] or [held]
        if progress.left is None:
            stage.update(note=note)
        else:
            stage.update(progress.seconds, progress.seconds + progress.left, progress.left, note)

    return on_step


def _make(generator: Generator, rows: int, plan: Recipe, new: Path, screen: Screen) -> Columns:
    """Make the rows into a file; those of the first blocks come back, to be judged."""
    screen.heading("Making")
    held: list[Columns] = []
    begun = time.monotonic()

    def passing() -> Iterator[Columns]:
        count = 0
        for block in generator.blocks(rows, seed=plan.seed):
            if count < COMPARED:
                held.append(block)
            count += rows_of(block)
            stage.update(count, rows, note=several(count, "row"))
            yield block

    with screen.stage("making rows") as stage:
        write_stream(new, passing(), safe=plan.safe_csv, provenance=generator.provenance("sample", plan.seed))
    screen.say(f"  {several(rows, 'row')} in {in_words(time.monotonic() - begun)}, in {new}")
    return {name: join([block[name] for block in held]) for name in held[0]}


def _judge(
    generator: Generator,
    seen: Table,
    aside: Table,
    made: Columns,
    plan: Recipe,
    place: Path,
    screen: Screen,
    language: str,
    show_real: bool,
) -> Report | None:
    """Judge made rows beside those learned from and those kept aside; None where there are too few."""
    screen.heading("Judging")
    tables = {
        "seen": _some(seen, plan),
        "unseen": _some(aside, plan) if len(aside) >= FEWEST else aside.head(0),
        "made": _some(Table(made, plan.name, "file", rows_of(made)), plan),
    }
    if min(len(tables["seen"]), len(tables["made"])) < FEWEST:
        screen.say(f"  Fewer than {FEWEST} rows were made or learned from: too few to be judged.")
        return None
    with screen.stage("judging") as stage:
        report = _compared(tables, generator, plan, stage)
    write_text(place / "report.json", json.dumps(report.to_json(), indent=1, ensure_ascii=False) + "\n")
    typed = replace(report, shell=True)  # a run is judged again on the command line
    write_text(place / "report.html", typed.to_html(language, show_real))
    if show_real:
        screen.say("  The report shows real records (--show-real): do not hand it on.", "yellow")
    for line in typed.lines(language):
        for part in wrap(line, screen.width, 2, 0) if len(line) > screen.width - 2 else [f"  {line}"]:
            screen.say(part.rstrip())
    if max(len(seen), len(aside), plan.make or len(seen)) > COMPARED:
        screen.paragraph(
            f"At most {COMPARED:,} rows of each side were judged. For all: "
            f"sampan judge {shlex.quote(str(place))}"
        )
    return report


def _compared(tables: dict[str, Table], generator: Generator, plan: Recipe, stage: Stage) -> Report:
    judging = Judging(stage, QUESTIONS)
    return compare(
        tables,
        generator.layout,
        title=plan.name,
        target=plan.target,
        protected=plan.protected,
        made_by=made_by(generator),
        notes=generator.card.notes,
        learning=Learning(seed=plan.seed, on_stage=judging.part),
        walk=walked(generator, plan.seed),
        on_question=judging.question,
    )


def _some(table: Table, plan: Recipe) -> Table:
    """At most so many rows as a run judges by, at random; whole groups of rows."""
    if len(table) <= COMPARED:
        return table
    return table.take(np.flatnonzero(apart_of(table, plan.key, COMPARED, plan.seed)))
