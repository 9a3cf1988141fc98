{{/* What the agent sees of the node, and what it is given. Both lists name the same volumes in the same order. */}}

{{- define "rampart.volumeMounts" -}}
# What is mounted on the node later has to be seen, too; that excludes recursiveReadOnly.
- {name: host, mountPath: /host, readOnly: true, mountPropagation: HostToContainer}
- {name: tracefs, mountPath: /sys/kernel/tracing, readOnly: true}
- {name: state, mountPath: /var/lib/rampart}
- {name: run, mountPath: /run/rampart}
- {name: tmp, mountPath: /tmp}
- {name: configuration, mountPath: /etc/rampart/rampart.yaml, subPath: rampart.yaml, readOnly: true}
- {name: rules, mountPath: /etc/rampart/policies/rules, readOnly: true}
- {name: exceptions, mountPath: /etc/rampart/policies/exceptions, readOnly: true}
- {name: placeholders, mountPath: /etc/rampart/policies/placeholders, readOnly: true}
- {name: sca, mountPath: /etc/rampart/policies/sca, readOnly: true}
{{- if .Values.manager.usePassword }}
- {name: registration, mountPath: /etc/rampart/secrets, readOnly: true}
{{- end }}
{{- if include "rampart.managerAuthority" . }}
- {name: manager-ca, mountPath: /etc/rampart/manager-ca, readOnly: true}
{{- end }}
{{- if include "rampart.managerCertificate" . }}
- {name: manager-tls, mountPath: /etc/rampart/manager-tls, readOnly: true}
{{- end }}
{{- if include "rampart.hasResults" . }}
- {name: results-tls, mountPath: /etc/rampart/results-tls, readOnly: true}
{{- end }}
{{- end }}

{{- define "rampart.volumes" -}}
- name: host
  hostPath: {path: {{ .Values.agent.hostRoot | quote }}, type: Directory}
- name: tracefs
  hostPath: {path: /sys/kernel/tracing, type: Directory}
- name: state
  hostPath: {path: {{ .Values.agent.hostState | quote }}, type: DirectoryOrCreate}
# The lock is the node's, so that there is one agent, whoever installs a second chart.
- name: run
  hostPath: {path: /run/rampart, type: DirectoryOrCreate}
- name: tmp
  emptyDir: {sizeLimit: 64Mi}
- name: configuration
  configMap: {name: {{ include "rampart.agent" . }}, defaultMode: 0400}
{{- range tuple "rules" "exceptions" "placeholders" "sca" }}
- name: {{ . }}
  configMap: {name: {{ include "rampart.agent" $ }}-{{ . }}, defaultMode: 0400}
{{- end }}
{{- if .Values.manager.usePassword }}
- name: registration
  secret:
    secretName: {{ include "rampart.registrationSecret" . }}
    defaultMode: 0400
    items: [{key: password, path: password}]
{{- end }}
{{- with include "rampart.managerAuthority" . }}
- name: manager-ca
  secret:
    secretName: {{ . }}
    defaultMode: 0400
    items: [{key: ca.crt, path: ca.crt}]
{{- end }}
{{- with include "rampart.managerCertificate" . }}
# What cert-manager makes may come later: detection does not wait for it.
- name: manager-tls
  secret: {secretName: {{ . }}, defaultMode: 0400, optional: {{ $.Values.manager.tls.certManager.enabled }}}
{{- end }}
{{- if include "rampart.hasResults" . }}
- name: results-tls
  secret: {secretName: {{ include "rampart.resultsCertificate" . }}, defaultMode: 0400, optional: true}
{{- end }}
{{- end }}
