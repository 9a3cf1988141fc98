{{/* What values.schema.json cannot say: it looks at one value at a time. */}}
{{- define "rampart.validation" -}}
{{- $manager := .Values.manager -}}
{{- if not $manager.host -}}
{{- fail "manager.host is missing: the name or address of your Wazuh manager, such as --set manager.host=wazuh.example.com" -}}
{{- end -}}
{{- if not (or $manager.registrationPassword $manager.existingSecret) -}}
{{- fail "manager.registrationPassword and manager.existingSecret are both missing: give the password for enrolment (the manager's etc/authd.pass), or the name of a Secret that has it under the key `password`" -}}
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
{{- include "rampart.validation.tls" . -}}
{{- if eq .Release.Namespace "kube-system" -}}
{{- fail "install into a namespace of its own, such as --namespace wazuh-system --create-namespace: kube-system belongs to the cluster, and security policies make exceptions for it" -}}
{{- end -}}
{{- if not (or .Values.builtinRules.enabled .Values.rules) -}}
{{- fail "builtinRules.enabled is false and rules are empty: nothing would be detected" -}}
{{- end -}}
{{- if and .Values.resultsApi.enabled (eq (int .Values.metrics.port) (int .Values.resultsApi.port)) -}}
{{- fail (printf "metrics.port and resultsApi.port are both %d: they have to differ" (int .Values.metrics.port)) -}}
{{- end -}}
{{- range $kind, $files := dict "rules" .Values.rules "exceptions" .Values.exceptions "placeholders" .Values.placeholders "sca.policies" .Values.sca.policies -}}
{{- if gt (len (toJson $files)) 1000000 -}}
{{- fail (printf "%s: more than 1 MB, which a ConfigMap cannot hold" $kind) -}}
{{- end -}}
{{- end -}}
{{- end }}

{{- define "rampart.validation.tls" -}}
{{- $tls := .Values.manager.tls -}}
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
