{{/*
The agent's configuration file, rampart.yaml. It is put together as a dictionary and written at once, so that text of values
stays text whatever is in it.
*/}}
{{- define "rampart.configuration" -}}
{{- $values := .Values -}}
{{- $config := dict
  "policies" (fromJsonArray (include "rampart.ruleFolders" .))
  "host_root" "/host"
  "sca" (fromJson (include "rampart.assessment" .))
  "sinks" (fromJsonArray (include "rampart.sinks" .))
  "kubernetes" (dict "labels" $values.agent.podLabelsInFindings "wait_milliseconds" (int $values.agent.waitMilliseconds))
  "state" "/var/lib/rampart"
  "ring_bytes" (int $values.agent.ringBytes)
  "listen" (include "rampart.listen" (dict "address" $values.agent.listenAddress "port" $values.metrics.port))
  "log" $values.agent.logLevel
  "lock" "/run/rampart/lock"
-}}
{{- if include "rampart.hasResults" . -}}
{{- $_ := set $config "results" (dict
  "listen" (include "rampart.listen" (dict "address" $values.agent.listenAddress "port" $values.resultsApi.port))
  "tls" (dict "certificate_file" "/etc/rampart/results-tls/tls.crt" "key_file" "/etc/rampart/results-tls/tls.key")
  "audiences" $values.resultsApi.audiences) -}}
{{- end -}}
{{- mergeOverwrite $config (deepCopy $values.agent.extraConfig) | toYaml -}}
{{- end }}

{{- define "rampart.listen" -}}
{{ if contains ":" .address }}[{{ .address }}]{{ else }}{{ .address }}{{ end }}:{{ int .port }}
{{- end }}

{{/* All folders are always named: one that is empty now may have files later, without a restart. */}}
{{- define "rampart.ruleFolders" -}}
{{- $folders := list "/etc/rampart/policies/rules" "/etc/rampart/policies/exceptions" "/etc/rampart/policies/placeholders" -}}
{{- if .Values.builtinRules.enabled -}}{{- $folders = prepend $folders "builtin" -}}{{- end -}}
{{- toJson $folders -}}
{{- end }}

{{- define "rampart.assessment" -}}
{{- $compliance := .Values.compliance -}}
{{- $policies := list "builtin/cis_kubernetes" "builtin/cis_linux" -}}
{{- if $compliance.nist80053.enabled -}}{{- $policies = append $policies "builtin/nist_800_53" -}}{{- end -}}
{{- if $compliance.pciDss.enabled -}}{{- $policies = append $policies "builtin/pci_dss" -}}{{- end -}}
{{- if $compliance.hipaa.enabled -}}{{- $policies = append $policies "builtin/hipaa" -}}{{- end -}}
{{- if $compliance.soc2.enabled -}}{{- $policies = append $policies "builtin/soc2" -}}{{- end -}}
{{- $policies = concat $policies (list "builtin/runtime_threats" "/etc/rampart/policies/sca") -}}
{{- $levels := dict
  "cis_kubernetes" (trimPrefix "L" $compliance.cisKubernetes.profile | int)
  "cis_linux" (trimPrefix "L" $compliance.cisLinux.profile | int)
-}}
{{- dict
  "enabled" .Values.sca.enabled
  "interval_seconds" (int .Values.sca.intervalSeconds)
  "cpu_percent" (int .Values.sca.cpuPercent)
  "policies" $policies
  "levels" $levels
  | toJson -}}
{{- end }}

{{- define "rampart.sinks" -}}
{{- $sinks := list (dict "stdout" (dict "format" "json")) (dict "wazuh" (fromJson (include "rampart.wazuh" .))) -}}
{{- toJson (concat $sinks .Values.sinks) -}}
{{- end }}

{{- define "rampart.wazuh" -}}
{{- $manager := .Values.manager -}}
{{- $tls := dict -}}
{{- if include "rampart.managerAuthority" . -}}
{{- $_ := set $tls "ca_file" "/etc/rampart/manager-ca/ca.crt" -}}
{{- end -}}
{{- if include "rampart.managerCertificate" . -}}
{{- $_ := set $tls "certificate_file" "/etc/rampart/manager-tls/tls.crt" -}}
{{- $_ := set $tls "key_file" "/etc/rampart/manager-tls/tls.key" -}}
{{- end -}}
{{- $enrolment := dict
  "groups" $manager.groups
  "verify" $manager.tls.verify
  "tls" $tls
-}}
{{- if $manager.usePassword -}}
{{- $_ := set $enrolment "password" (dict "file" "/etc/rampart/secrets/password") -}}
{{- end -}}
{{- $labels := dict -}}
{{- range $name, $value := dict "cluster" .Values.global.clusterName "environment" .Values.global.environment "organization" .Values.global.organization -}}
{{- if $value -}}{{- $_ := set $labels $name $value -}}{{- end -}}
{{- end -}}
{{- dict "managers" (fromJsonArray (include "rampart.managers" .)) "enrolment" $enrolment "labels" $labels | toJson -}}
{{- end }}
