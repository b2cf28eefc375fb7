"""Two states side by side: what comes, what goes, and whether one may follow the other."""

from dataclasses import dataclass

from bookstore_ops.terraform.state import StateSummary


@dataclass(frozen=True)
class Comparison:
    """What putting ``new`` in the place of ``old`` means; ``old`` is None where there is none."""

    old: StateSummary | None
    new: StateSummary

    @property
    def back(self) -> list[str]:
        """The addresses that the new one knows and the old one does not."""
        return sorted(self.new.addresses - (self.old or StateSummary()).addresses)

    @property
    def gone(self) -> list[str]:
        """The addresses that only the old one knows: forgotten, not destroyed."""
        return sorted((self.old or StateSummary()).addresses - self.new.addresses)

    @property
    def lines(self) -> list[str]:
        """What changes, line by line."""
        before = f"{self.old.serial} ({self.old.resources} resources)" if self.old else "nothing"
        return [
            f"serial {before}  ->  {self.new.serial} ({self.new.resources} resources)",
            *(f"back    {address}" for address in self.back),
            *(f"forget  {address}" for address in self.gone),
        ]

    @property
    def other_lineage(self) -> bool:
        """Whether they are two different states, not two moments of one."""
        return self.old is not None and self.old.lineage != self.new.lineage

    @property
    def older(self) -> bool:
        """Whether the new one was written before the old one."""
        return self.old is not None and self.new.serial < self.old.serial

    @property
    def objections(self) -> list[str]:
        """Why the new one does not simply follow the old one, one line each."""
        if self.old is None:
            return []
        found = []
        if self.other_lineage:
            found.append(f"lineage: stored {self.old.lineage}, yours {self.new.lineage}")
        if self.older:
            found.append(
                f"serial: stored {self.old.serial}, yours {self.new.serial}, which is lower"
            )
        elif self.old.serial == self.new.serial and not self.other_lineage:
            found.append(f"serial: both are {self.new.serial}, and the contents differ")
        return found
