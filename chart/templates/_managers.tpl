{{/* The managers as JSON, the preferred one first: [{host, port, enrolment_port}]. */}}
{{- define "rampart.managers" -}}
{{- $manager := .Values.manager -}}
{{- $managers := list (dict "host" $manager.host "port" (int $manager.port) "enrolment_port" (int $manager.enrollmentPort)) -}}
{{- if $manager.failover.enabled -}}
{{- range $manager.failover.hosts -}}
{{- $port := default $manager.port .port -}}
{{- $enrolment := default $manager.enrollmentPort .enrollmentPort -}}
{{- $managers = append $managers (dict "host" .host "port" (int $port) "enrolment_port" (int $enrolment)) -}}
{{- end -}}
{{- end -}}
{{- toJson $managers -}}
{{- end }}

{{/*
The peers of a NetworkPolicy that are one manager, as JSON; an empty list for one that may be anywhere. A NetworkPolicy knows
no names: an address is itself, a Service's name stands for its namespace, and of any other name only the ports are known.
*/}}
{{- define "rampart.managerPeers" -}}
{{- $host := .host -}}
{{- $peers := list -}}
{{- if .cidrs -}}
{{- range .cidrs -}}{{- $peers = append $peers (dict "ipBlock" (dict "cidr" .)) -}}{{- end -}}
{{- else if regexMatch "^[0-9]+(\\.[0-9]+){3}$" $host -}}
{{- $peers = list (dict "ipBlock" (dict "cidr" (printf "%s/32" $host))) -}}
{{- else if contains ":" $host -}}
{{- $peers = list (dict "ipBlock" (dict "cidr" (printf "%s/128" (trimAll "[]" $host)))) -}}
{{- else if regexMatch "^[^.]+\\.[^.]+\\.svc(\\.|$)" $host -}}
{{- $namespace := index (splitList "." $host) 1 -}}
{{- $peers = list (dict "namespaceSelector" (dict "matchLabels" (dict "kubernetes.io/metadata.name" $namespace))) -}}
{{- end -}}
{{- toJson $peers -}}
{{- end }}
