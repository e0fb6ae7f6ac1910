"""From a caller's key to the bucket's: checked, allowed, and below the tenant's prefix."""

from services.common.errors import InvalidInput
from services.common.identity import Caller
from services.storage.domain.access import AccessRules
from services.storage.domain.keys import TenantSpace, check_key, check_prefix


class Namespaces:
    """Where each caller's keys stand, and whether it may touch them."""

    def __init__(self, rules: AccessRules, default_tenant: str) -> None:
        self._rules = rules
        self._default_tenant = default_tenant

    def space(self, caller: Caller) -> TenantSpace:
        """The part of the bucket of the caller's tenant."""
        return TenantSpace.of(caller.principal.tenant, self._default_tenant)

    def locate(self, caller: Caller, key: str, field: str = "key") -> str:
        """The bucket's key. Raises InvalidInput naming ``field``, Denied."""
        check_key(key, field)
        self._rules.require_key(caller.service, key)
        return self.space(caller).full(key, field)

    def locate_prefix(self, caller: Caller, prefix: str, *, below_namespace: bool = False) -> str:
        """The bucket's prefix; with ``below_namespace`` a whole namespace is refused. Raises InvalidInput, Denied."""
        check_prefix(prefix)
        self._rules.require_key(caller.service, prefix)
        if below_namespace and self._rules.is_whole_namespace(caller.service, prefix):
            raise InvalidInput("this is a whole namespace, not something in it", field="prefix")
        return self.space(caller).full(prefix, "prefix")

    def require_kind(self, caller: Caller, kind: str) -> None:
        """Raises Denied where the caller may not list records of this kind."""
        self._rules.require_kind(caller.service, kind)
