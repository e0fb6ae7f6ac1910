"""Who is elected, and how others come after a holder that is silent."""

from uuid import uuid4

from services.common.jobs.leadership import Leadership
from tests.support.eventually import eventually
from tests.support.jobs import Probe


async def test_a_holder_that_is_silent_for_too_long_loses_the_lead(probe: Probe) -> None:
    name = f"test-{uuid4().hex[:8]}"
    other = await probe.start_process()
    silent = Leadership(probe.api.runtime.broker, name, patience_s=0.2)
    patient = Leadership(other.runtime.broker, name, patience_s=0.2)
    assert await silent.hold()
    assert not await patient.hold()
    await eventually(patient.hold, within_s=300, every_s=0.05)
    assert not await silent.hold()


async def test_a_released_lead_is_taken_at_once(probe: Probe) -> None:
    name = f"test-{uuid4().hex[:8]}"
    other = await probe.start_process()
    first = Leadership(probe.api.runtime.broker, name, patience_s=60)
    second = Leadership(other.runtime.broker, name, patience_s=60)
    assert await first.hold()
    assert not await second.hold()
    await first.release()
    assert await second.hold()
