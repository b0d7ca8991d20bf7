"""Which installation a database belongs to."""

from django.db import models


class Installation(models.Model):
    """The id of the data folder that this database was first used with. There is one row."""

    id = models.CharField(max_length=12, primary_key=True)
    noted_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.id
