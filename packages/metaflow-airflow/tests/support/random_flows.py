"""Sources of random flows, in which all graph shapes occur alone and nested."""

import hashlib
from dataclasses import dataclass

from hypothesis import strategies as st

MOST_STEPS = 14  # for one flow to run in well under a minute


@dataclass(frozen=True)
class Part:
    """A part of a flow: its kind, a number (of splits, iterations or tasks) and its inner blocks."""

    kind: str
    number: int = 0
    blocks: tuple[tuple["Part", ...], ...] = ()


def _block(parts: st.SearchStrategy[Part]) -> st.SearchStrategy[tuple[Part, ...]]:
    return st.lists(parts, min_size=1, max_size=2).map(tuple)


def _parts(inner: st.SearchStrategy[Part]) -> st.SearchStrategy[Part]:
    block = _block(inner)
    return st.one_of(
        st.builds(Part, st.just("split"), st.just(2), st.tuples(block, block)),
        st.builds(Part, st.just("foreach"), st.integers(1, 3), st.tuples(block)),
        st.builds(Part, st.just("switch"), st.just(2), st.tuples(block, block)),
        st.builds(Part, st.just("skip"), st.just(1), st.tuples(block)),
    )


LEAVES = st.one_of(
    st.just(Part("step")),
    st.builds(Part, st.just("loop"), st.integers(1, 3)),
    st.builds(Part, st.just("gang"), st.integers(1, 2)),
)


def flow_sources() -> st.SearchStrategy[tuple[str, str]]:
    """Return a strategy for flows: their name and their source."""
    blocks = _block(st.recursive(LEAVES, _parts, max_leaves=5))
    written = blocks.map(_Writer).filter(lambda writer: len(writer.steps) <= MOST_STEPS)
    return written.map(lambda writer: (writer.name, writer.source))


class _Writer:
    """Writes a flow whose artifact `trail` lists, in every task, the steps that led to it."""

    def __init__(self, block: tuple[Part, ...]) -> None:
        self.steps: list[str] = []
        self._numbers = iter(range(1000))
        first = self._write(block, "end")
        start = self._step("start", "        self.trail = []", f"self.{first}")
        body = "\n\n".join(
            [start, *self.steps, "    @step\n    def end(self):\n        print(len(self.trail))"]
        )
        self.name = "Random" + hashlib.sha256(body.encode()).hexdigest()[:8] + "Flow"
        self.source = (
            f"from metaflow import FlowSpec, parallel, step\n\n\nclass {self.name}(FlowSpec):\n{body}\n\n\n"
            f'if __name__ == "__main__":\n    {self.name}()\n'
        )

    def _write(self, block: tuple[Part, ...], following: str) -> str:
        """Write a block that continues to the step `following`; return the name of its first step."""
        for part in reversed(block):
            following = self._write_part(part, f"{part.kind}{next(self._numbers)}", following)
        return following

    def _write_part(self, part: Part, name: str, following: str) -> str:
        trail = f'        self.trail = [*self.trail, "{name}"]'
        last = f"{name}_last"
        match part.kind:
            case "step":
                self._add(name, trail, f"self.{following}")
                return name
            case "loop":
                again = f'        self.state = "on" if self.trail.count("{name}") < {part.number} else "off"'
                self._add(
                    name, f"{trail}\n{again}", f'{{"on": self.{name}, "off": self.{last}}}, condition="state"'
                )
            case "gang":
                self._add(name, trail, f"self.{name}_task, num_parallel={part.number}")
                self._add(f"{name}_task", trail, f"self.{last}", decorator="    @parallel\n")
            case "split":
                firsts = [self._write(block, last) for block in part.blocks]
                self._add(name, trail, ", ".join(f"self.{first}" for first in firsts))
            case "foreach":
                items = f"        self.items = list(range({part.number} - len(self.trail) % {part.number}))"
                (first,) = [self._write(block, last) for block in part.blocks]
                self._add(name, f"{trail}\n{items}", f'self.{first}, foreach="items"')
            case _:
                ways = [self._write(block, last) for block in part.blocks] + (
                    [last] if part.kind == "skip" else []
                )
                choice = "        self.way = str((len(self.trail) + (self.index or 0)) % 2)"
                self._add(
                    name,
                    f"{trail}\n{choice}",
                    f'{{"0": self.{ways[0]}, "1": self.{ways[1]}}}, condition="way"',
                )
        if part.kind in ("split", "foreach", "gang"):
            joined = "        self.trail = sorted(name for each in inputs for name in each.trail)"
            self._add(last, joined, f"self.{following}", inputs=", inputs")
        else:
            self._add(last, f'        self.trail = [*self.trail, "{last}"]', f"self.{following}")
        return name

    def _add(self, *arguments: str, **more: str) -> None:
        self.steps.append(self._step(*arguments, **more))

    @staticmethod
    def _step(name: str, body: str, following: str, inputs: str = "", decorator: str = "") -> str:
        return f"{decorator}    @step\n    def {name}(self{inputs}):\n{body}\n        self.next({following})"
