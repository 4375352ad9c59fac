"""The study: models x methods x seeds, each evaluated on every benchmark, and a report, described in one YAML file.

    STUDY/study.json                                        what is run: the description, the cells, what is left out
    STUDY/models/MODEL-KEY/                                 Hugging Face folders; manifest.json written last
    STUDY/evaluations/MODEL/BENCHMARK-KEY/result.json       written last
    STUDY/report.html, ...                                  read the files above

A cell is one training or one evaluation. Its KEY is a hash of all that its result depends on: the same description
makes nothing again, and a changed option makes again only what depends on it. A study that was killed goes on with
its first unfinished cell, and within it from its last checkpoint or completion.
"""

from caugym.study.conduct import conduct
from caugym.study.description import PRESETS, Study, load

__all__ = ["PRESETS", "Study", "conduct", "load"]
