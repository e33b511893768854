from dataclasses import asdict, dataclass


@dataclass
class Report:
    adapter: str
    base: float
    tuned: float

    @property
    def gain(self) -> float:
        return self.base - self.tuned

    def row(self) -> str:
        return "\t".join(str(value) for value in (*asdict(self).values(), self.gain))
