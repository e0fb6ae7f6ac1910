"""What no schema catches in a manifest: each policy takes rendered resources and names what is wrong with them."""

from tests.support.manifest_policies import broker, network, objects, scaling, secrecy, told, workloads
from tests.support.manifest_policies.reading import Policy

POLICIES: tuple[Policy, ...] = (
    objects.apis_are_current,
    objects.names_are_valid,
    objects.configmaps_roll_their_pods,
    objects.jobs_run_again_when_they_change,
    objects.applying_again_changes_nothing,
    workloads.selectors_find_pods,
    workloads.ports_agree,
    workloads.resources_are_bounded,
    workloads.volumes_are_there,
    workloads.probes_are_whole,
    workloads.budgets_let_pods_go,
    workloads.pods_are_restricted,
    workloads.rollouts_keep_serving,
    workloads.priorities_are_there,
    workloads.jobs_end,
    scaling.autoscalers_are_sane,
    scaling.triggers_match_the_queues,
    scaling.engines_fit_the_memory,
    told.settings_are_read,
    told.addresses_match,
    told.drains_fit_the_grace,
    broker.nats_keeps_what_it_acknowledges,
    broker.nats_is_encrypted,
    secrecy.secrets_stay_apart,
    secrecy.secrets_are_made,
    network.roles_are_reachable,
    network.the_cluster_reaches_what_it_must,
    network.routes_lead_to_services,
)
