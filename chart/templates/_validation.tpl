{{/* What values.schema.json cannot say: it looks at one value at a time. */}}
{{- define "rampart.validation" -}}
{{- $manager := .Values.manager -}}
{{- if not $manager.host -}}
{{- fail "manager.host is missing: the name or address of your Wazuh manager, such as --set manager.host=wazuh.example.com" -}}
{{- end -}}
{{- $hasPassword := or $manager.registrationPassword $manager.existingSecret -}}
{{- if and $manager.usePassword (not $hasPassword) -}}
{{- fail "manager.registrationPassword and manager.existingSecret are both missing: give the password for enrolment (the manager's etc/authd.pass), or the name of a Secret that has it under the key `password`; or set manager.usePassword to false where the manager wants none" -}}
{{- end -}}
{{- if and $hasPassword (not $manager.usePassword) -}}
{{- fail "manager.usePassword is false and a password is given: leave one out" -}}
{{- end -}}
{{- if and $manager.registrationPassword $manager.existingSecret -}}
{{- fail "manager.registrationPassword and manager.existingSecret are both given: which one is meant? Leave one out" -}}
{{- end -}}
{{- if and $manager.failover.enabled (not $manager.failover.hosts) -}}
{{- fail "manager.failover.enabled is true and manager.failover.hosts is empty: name the other managers, such as --set manager.failover.hosts[0].host=wazuh-2.example.com" -}}
{{- end -}}
{{- if and $manager.failover.hosts (not $manager.failover.enabled) -}}
{{- fail "manager.failover.hosts are given and manager.failover.enabled is false: set it to true, or leave the hosts out" -}}
{{- end -}}
{{- range fromJsonArray (include "rampart.managers" .) -}}
{{- include "rampart.validation.host" .host -}}
{{- end -}}
{{- include "rampart.validation.tls" . -}}
{{- include "rampart.validation.sinks" . -}}
{{- include "rampart.validation.extraConfig" . -}}
{{- if not (regexMatch "^[a-z]([-a-z0-9]*[a-z0-9])?$" (include "rampart.fullname" .)) -}}
{{- fail (printf "the release's name, `%s`, has to begin with a letter: Services are called by it. Choose another one, or set fullnameOverride" (include "rampart.fullname" .)) -}}
{{- end -}}
{{- if eq .Release.Namespace "kube-system" -}}
{{- fail "install into a namespace of its own, such as --namespace wazuh-system --create-namespace: kube-system belongs to the cluster, and security policies make exceptions for it" -}}
{{- end -}}
{{- if not (or .Values.builtinRules.enabled .Values.rules) -}}
{{- fail "builtinRules.enabled is false and rules are empty: nothing would be detected" -}}
{{- end -}}
{{- if and (include "rampart.hasResults" .) (eq (int .Values.metrics.port) (int .Values.resultsApi.port)) -}}
{{- fail (printf "metrics.port and resultsApi.port are both %d: they have to differ" (int .Values.metrics.port)) -}}
{{- end -}}
{{- if and (eq (toString .Values.metrics.serviceMonitor.enabled) "true") (not .Values.metrics.service.enabled) -}}
{{- fail "metrics.serviceMonitor.enabled is true and metrics.service.enabled is false: there would be nothing that Prometheus could find" -}}
{{- end -}}
{{- range $kind, $files := dict "rules" .Values.rules "exceptions" .Values.exceptions "placeholders" .Values.placeholders "sca.policies" .Values.sca.policies -}}
{{- if gt (len (toJson $files)) 1000000 -}}
{{- fail (printf "%s: more than 1 MB, which a ConfigMap cannot hold" $kind) -}}
{{- end -}}
{{- end -}}
{{- end }}

{{- define "rampart.validation.host" -}}
{{- $name := "^[A-Za-z0-9]([-_A-Za-z0-9.]*[A-Za-z0-9])?$" -}}
{{- $number := "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])" -}}
{{- $ipv4 := printf "^%s([.]%s){3}$" $number $number -}}
{{- /* Eight groups, or two colons in the place of some. */ -}}
{{- $ipv6 := "^\\[?(([0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}|([0-9A-Fa-f]{1,4}(:[0-9A-Fa-f]{1,4}){0,6})?::([0-9A-Fa-f]{1,4}(:[0-9A-Fa-f]{1,4}){0,6})?)\\]?$" -}}
{{- $isName := and (regexMatch $name .) (not (regexMatch "^[0-9.]+$" .)) -}}
{{- if not (or $isName (regexMatch $ipv4 .) (regexMatch $ipv6 .)) -}}
{{- fail (printf "manager: `%s` is not the name or address of a host: write neither a scheme nor a port, which has a value of its own (port)" .) -}}
{{- end -}}
{{- end }}

{{- define "rampart.validation.tls" -}}
{{- $tls := .Values.manager.tls -}}
{{- if and $tls.ca (not (contains "-----BEGIN CERTIFICATE-----" $tls.ca)) -}}
{{- fail "manager.tls.ca is not a certificate in PEM form: give its text, such as by --set-file manager.tls.ca=FILE" -}}
{{- end -}}
{{- if and $tls.ca $tls.caSecret -}}
{{- fail "manager.tls.ca and manager.tls.caSecret are both given: leave one out" -}}
{{- end -}}
{{- if and (eq $tls.verify "authority") (not (or $tls.ca $tls.caSecret)) -}}
{{- fail "manager.tls.verify is authority, and that authority is missing: give its certificate, such as --set-file manager.tls.ca=sslmanager.cert, or manager.tls.caSecret" -}}
{{- end -}}
{{- if and $tls.certManager.enabled $tls.certificateSecret -}}
{{- fail "manager.tls.certificateSecret and manager.tls.certManager.enabled are both given: leave one out" -}}
{{- end -}}
{{- if and $tls.certManager.enabled (not $tls.certManager.issuerRef) -}}
{{- fail "manager.tls.certManager.issuerRef is missing: the issuer of an authority that the manager believes, such as {name: wazuh, kind: ClusterIssuer}" -}}
{{- end -}}
{{- if and .Values.resultsApi.tls.existingSecret .Values.resultsApi.tls.certManager.enabled -}}
{{- fail "resultsApi.tls.existingSecret and resultsApi.tls.certManager.enabled are both given: leave one out" -}}
{{- end -}}
{{- end }}

{{/* Each sink has a name of its own, which is its type where none is given. */}}
{{- define "rampart.validation.sinks" -}}
{{- $names := list "stdout" "wazuh" -}}
{{- range .Values.sinks -}}
{{- $type := first (without (keys .) "name" "minimum_severity" "spool_bytes" | sortAlpha) -}}
{{- $name := default $type .name -}}
{{- if has $name $names -}}
{{- fail (printf "sinks: there is another sink called `%s` (the chart's own are called stdout and wazuh): give this one a `name`" $name) -}}
{{- end -}}
{{- $names = append $names $name -}}
{{- end -}}
{{- end }}

{{/* What other values say, or what the chart's other objects rely on. */}}
{{- define "rampart.validation.extraConfig" -}}
{{- $extra := .Values.agent.extraConfig -}}
{{- range list "host_root" "listen" "lock" "results" "sinks" "state" -}}
{{- if hasKey $extra . -}}
{{- fail (printf "agent.extraConfig.%s: the chart sets that itself, and its other objects rely on it" .) -}}
{{- end -}}
{{- end -}}
{{- if hasKey (default dict $extra.sca) "enabled" -}}
{{- fail "agent.extraConfig.sca.enabled: use sca.enabled" -}}
{{- end -}}
{{- end }}
