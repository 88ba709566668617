#!/bin/sh
# Starts Kubernetes, unless .env selects another cluster or the local runner.
set -eu
if [ "${AIRFLOW__METAFLOW__RUNNER:-kubernetes}" = local ] || [ -n "${AIRFLOW_CONN_KUBERNETES_DEFAULT:-}" ]; then
  echo "No Kubernetes is started here: .env selects the local runner or another cluster."
  touch /run/not-wanted
  trap 'exit 0' TERM INT
  while :; do sleep 1; done
fi
# k3s applies these manifests when it starts: the namespace of the pods and the secret with their keys.
manifests=/var/lib/rancher/k3s/server/manifests
mkdir -p "$manifests"
cp /settings/kubernetes/metaflow.json "$manifests/metaflow.json"
# The kubeconfig contains the bind address: it must be one that other containers can reach.
exec k3s server --bind-address "$NODE_ADDRESS" --write-kubeconfig /kubeconfig/config --write-kubeconfig-mode 644 \
  --disable traefik,servicelb,metrics-server,local-storage
