{{/* Names and labels. */}}

{{/* Cut so that what follows it has room in the 63 characters of a name. A release may have dots in its name, a Service may not. */}}
{{- define "rampart.fullname" -}}
{{- default .Release.Name .Values.fullnameOverride | replace "." "-" | trunc 40 | trimSuffix "-" -}}
{{- end }}

{{- define "rampart.agent" -}}
{{ include "rampart.fullname" . }}-agent
{{- end }}

{{- define "rampart.results" -}}
{{ include "rampart.fullname" . }}-results
{{- end }}

{{- define "rampart.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "rampart.agent" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end }}

{{/* The Secret with the password. */}}
{{- define "rampart.registrationSecret" -}}
{{- default (printf "%s-registration" (include "rampart.fullname" .)) .Values.manager.existingSecret -}}
{{- end }}

{{/* The Secret with the manager's authority; empty where none is given. */}}
{{- define "rampart.managerAuthority" -}}
{{- if .Values.manager.tls.caSecret -}}
{{ .Values.manager.tls.caSecret }}
{{- else if .Values.manager.tls.ca -}}
{{ include "rampart.fullname" . }}-manager-ca
{{- end -}}
{{- end }}

{{/* The Secret with what agents show to a manager; empty where they show nothing. */}}
{{- define "rampart.managerCertificate" -}}
{{- if .Values.manager.tls.certificateSecret -}}
{{ .Values.manager.tls.certificateSecret }}
{{- else if .Values.manager.tls.certManager.enabled -}}
{{ include "rampart.agent" . }}-enrolment
{{- end -}}
{{- end }}

{{/*
The Secret with the certificate of /v1/results. That of cert-manager has another name than that of Helm: who goes from one to the
other would find the name taken.
*/}}
{{- define "rampart.resultsCertificate" -}}
{{- $maker := ternary "issued" "tls" .Values.resultsApi.tls.certManager.enabled -}}
{{- default (printf "%s-%s" (include "rampart.results" .) $maker) .Values.resultsApi.tls.existingSecret -}}
{{- end }}

{{/* Whether /v1/results is served; empty for no. Where nothing is scanned there are no results. */}}
{{- define "rampart.hasResults" -}}
{{- if and .Values.resultsApi.enabled .Values.sca.enabled -}}yes{{- end -}}
{{- end }}

{{/* The names that this certificate is for. */}}
{{- define "rampart.resultsNames" -}}
{{- $service := include "rampart.results" . -}}
{{- $namespace := .Release.Namespace -}}
{{- list (printf "%s.%s.svc" $service $namespace) (printf "%s.%s.svc.cluster.local" $service $namespace) | toJson -}}
{{- end }}

{{/* What a DaemonSet's pods are found by: it cannot change, so the chart's version is not in it. */}}
{{- define "rampart.selector" -}}
app.kubernetes.io/name: {{ default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: agent
{{- end }}

{{- define "rampart.labels" -}}
{{ include "rampart.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: {{ .Chart.Name }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "rampart.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ default .Chart.AppVersion .Values.image.tag }}
{{- end -}}
{{- end }}

{{- define "rampart.metadata" -}}
namespace: {{ .Release.Namespace }}
labels:
  {{- include "rampart.labels" . | nindent 2 }}
{{- end }}
