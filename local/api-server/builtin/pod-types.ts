// What fields a pod and everything inside it has, as of Kubernetes 1.36, in the notation of parse-kind-types.ts.

// Generated from the Go types of k8s.io/api v0.36.3 and k8s.io/apiextensions-apiserver v0.36.3.
export const podTypes = `
AWSElasticBlockStoreVolumeSource volumeID:string fsType:string partition:int readOnly:bool
Affinity nodeAffinity:NodeAffinity podAffinity:PodAffinity podAntiAffinity:PodAntiAffinity
AppArmorProfile type:string localhostProfile:string
AzureDiskVolumeSource diskName:string diskURI:string cachingMode:string fsType:string
 readOnly:bool kind:string
AzureFileVolumeSource secretName:string shareName:string readOnly:bool
CSIVolumeSource driver:string readOnly:bool fsType:string volumeAttributes:string{}
 nodePublishSecretRef:LocalObjectReference
Capabilities add:string[] drop:string[]
CephFSVolumeSource monitors:string[] path:string user:string secretFile:string
 secretRef:LocalObjectReference readOnly:bool
CinderVolumeSource volumeID:string fsType:string readOnly:bool secretRef:LocalObjectReference
ClusterTrustBundleProjection name:string signerName:string labelSelector:LabelSelector
 optional:bool path:string
ConfigMapEnvSource name:string optional:bool
ConfigMapKeySelector name:string key:string optional:bool
ConfigMapProjection name:string items:KeyToPath[] optional:bool
ConfigMapVolumeSource name:string items:KeyToPath[] defaultMode:int optional:bool
Container name:string image:string command:string[] args:string[] workingDir:string
 ports:ContainerPort[]~containerPort envFrom:EnvFromSource[] env:EnvVar[]~name
 resources:ResourceRequirements resizePolicy:ContainerResizePolicy[] restartPolicy:string
 restartPolicyRules:ContainerRestartRule[] volumeMounts:VolumeMount[]~mountPath
 volumeDevices:VolumeDevice[]~devicePath livenessProbe:Probe readinessProbe:Probe
 startupProbe:Probe lifecycle:Lifecycle terminationMessagePath:string
 terminationMessagePolicy:string imagePullPolicy:string securityContext:SecurityContext stdin:bool
 stdinOnce:bool tty:bool
ContainerExtendedResourceRequest containerName:string resourceName:string requestName:string
ContainerPort name:string hostPort:int containerPort:int protocol:string hostIP:string
ContainerResizePolicy resourceName:string restartPolicy:string
ContainerRestartRule action:string exitCodes:ContainerRestartRuleOnExitCodes
ContainerRestartRuleOnExitCodes operator:string values:int[]
ContainerState waiting:ContainerStateWaiting running:ContainerStateRunning
 terminated:ContainerStateTerminated
ContainerStateRunning startedAt:Time
ContainerStateTerminated exitCode:int signal:int reason:string message:string startedAt:Time
 finishedAt:Time containerID:string
ContainerStateWaiting reason:string message:string
ContainerStatus name:string state:ContainerState lastState:ContainerState ready:bool
 restartCount:int image:string imageID:string containerID:string started:bool
 allocatedResources:Quantity{} resources:ResourceRequirements
 volumeMounts:VolumeMountStatus[]~mountPath user:ContainerUser
 allocatedResourcesStatus:ResourceStatus[]~name stopSignal:string
ContainerUser linux:LinuxContainerUser
DownwardAPIProjection items:DownwardAPIVolumeFile[]
DownwardAPIVolumeFile path:string fieldRef:ObjectFieldSelector
 resourceFieldRef:ResourceFieldSelector mode:int
DownwardAPIVolumeSource items:DownwardAPIVolumeFile[] defaultMode:int
EmptyDirVolumeSource medium:string sizeLimit:Quantity
EnvFromSource prefix:string configMapRef:ConfigMapEnvSource secretRef:SecretEnvSource
EnvVar name:string value:string valueFrom:EnvVarSource
EnvVarSource fieldRef:ObjectFieldSelector resourceFieldRef:ResourceFieldSelector
 configMapKeyRef:ConfigMapKeySelector secretKeyRef:SecretKeySelector fileKeyRef:FileKeySelector
EphemeralContainer name:string image:string command:string[] args:string[] workingDir:string
 ports:ContainerPort[]~containerPort envFrom:EnvFromSource[] env:EnvVar[]~name
 resources:ResourceRequirements resizePolicy:ContainerResizePolicy[] restartPolicy:string
 restartPolicyRules:ContainerRestartRule[] volumeMounts:VolumeMount[]~mountPath
 volumeDevices:VolumeDevice[]~devicePath livenessProbe:Probe readinessProbe:Probe
 startupProbe:Probe lifecycle:Lifecycle terminationMessagePath:string
 terminationMessagePolicy:string imagePullPolicy:string securityContext:SecurityContext stdin:bool
 stdinOnce:bool tty:bool targetContainerName:string
EphemeralVolumeSource volumeClaimTemplate:PersistentVolumeClaimTemplate
ExecAction command:string[]
FCVolumeSource targetWWNs:string[] lun:int fsType:string readOnly:bool wwids:string[]
FileKeySelector volumeName:string path:string key:string optional:bool
FlexVolumeSource driver:string fsType:string secretRef:LocalObjectReference readOnly:bool
 options:string{}
FlockerVolumeSource datasetName:string datasetUUID:string
GCEPersistentDiskVolumeSource pdName:string fsType:string partition:int readOnly:bool
GRPCAction port:int service:string
GitRepoVolumeSource repository:string revision:string directory:string
GlusterfsVolumeSource endpoints:string path:string readOnly:bool
HTTPGetAction path:string port:IntOrString host:string scheme:string httpHeaders:HTTPHeader[]
HTTPHeader name:string value:string
HostAlias ip:string hostnames:string[]
HostIP ip:string
HostPathVolumeSource path:string type:string
ISCSIVolumeSource targetPortal:string iqn:string lun:int iscsiInterface:string fsType:string
 readOnly:bool portals:string[] chapAuthDiscovery:bool chapAuthSession:bool
 secretRef:LocalObjectReference initiatorName:string
ImageVolumeSource reference:string pullPolicy:string
ImageVolumeStatus imageRef:string
KeyToPath key:string path:string mode:int
LabelSelector matchLabels:string{} matchExpressions:LabelSelectorRequirement[]
LabelSelectorRequirement key:string operator:string values:string[]
Lifecycle postStart:LifecycleHandler preStop:LifecycleHandler stopSignal:string
LifecycleHandler exec:ExecAction httpGet:HTTPGetAction tcpSocket:TCPSocketAction sleep:SleepAction
LinuxContainerUser uid:long gid:long supplementalGroups:long[]
LocalObjectReference name:string
ManagedFieldsEntry manager:string operation:string apiVersion:string time:Time fieldsType:string
 fieldsV1:any subresource:string
NFSVolumeSource server:string path:string readOnly:bool
NodeAffinity requiredDuringSchedulingIgnoredDuringExecution:NodeSelector
 preferredDuringSchedulingIgnoredDuringExecution:PreferredSchedulingTerm[]
NodeAllocatableResourceClaimStatus resourceClaimName:string containers:string[]
 resources:Quantity{}
NodeSelector nodeSelectorTerms:NodeSelectorTerm[]
NodeSelectorRequirement key:string operator:string values:string[]
NodeSelectorTerm matchExpressions:NodeSelectorRequirement[] matchFields:NodeSelectorRequirement[]
ObjectFieldSelector apiVersion:string fieldPath:string
ObjectMeta name:string generateName:string namespace:string selfLink:string uid:string
 resourceVersion:string generation:long creationTimestamp:Time deletionTimestamp:Time
 deletionGracePeriodSeconds:long labels:string{} annotations:string{}
 ownerReferences:OwnerReference[]~uid finalizers:string[]~ managedFields:ManagedFieldsEntry[]
OwnerReference apiVersion:string kind:string name:string uid:string controller:bool
 blockOwnerDeletion:bool
PersistentVolumeClaimSpec accessModes:string[] selector:LabelSelector
 resources:VolumeResourceRequirements volumeName:string storageClassName:string volumeMode:string
 dataSource:TypedLocalObjectReference dataSourceRef:TypedObjectReference
 volumeAttributesClassName:string
PersistentVolumeClaimTemplate metadata:ObjectMeta spec:PersistentVolumeClaimSpec
PersistentVolumeClaimVolumeSource claimName:string readOnly:bool
PhotonPersistentDiskVolumeSource pdID:string fsType:string
PodAffinity requiredDuringSchedulingIgnoredDuringExecution:PodAffinityTerm[]
 preferredDuringSchedulingIgnoredDuringExecution:WeightedPodAffinityTerm[]
PodAffinityTerm labelSelector:LabelSelector namespaces:string[] topologyKey:string
 namespaceSelector:LabelSelector matchLabelKeys:string[] mismatchLabelKeys:string[]
PodAntiAffinity requiredDuringSchedulingIgnoredDuringExecution:PodAffinityTerm[]
 preferredDuringSchedulingIgnoredDuringExecution:WeightedPodAffinityTerm[]
PodCertificateProjection signerName:string keyType:string maxExpirationSeconds:int
 credentialBundlePath:string keyPath:string certificateChainPath:string userAnnotations:string{}
PodCondition type:string observedGeneration:long status:string lastProbeTime:Time
 lastTransitionTime:Time reason:string message:string
PodDNSConfig nameservers:string[] searches:string[] options:PodDNSConfigOption[]
PodDNSConfigOption name:string value:string
PodExtendedResourceClaimStatus requestMappings:ContainerExtendedResourceRequest[]
 resourceClaimName:string
PodIP ip:string
PodOS name:string
PodReadinessGate conditionType:string
PodResourceClaim name:string resourceClaimName:string resourceClaimTemplateName:string
PodResourceClaimStatus name:string resourceClaimName:string
PodSchedulingGate name:string
PodSchedulingGroup podGroupName:string
PodSecurityContext seLinuxOptions:SELinuxOptions windowsOptions:WindowsSecurityContextOptions
 runAsUser:long runAsGroup:long runAsNonRoot:bool supplementalGroups:long[]
 supplementalGroupsPolicy:string fsGroup:long sysctls:Sysctl[] fsGroupChangePolicy:string
 seccompProfile:SeccompProfile appArmorProfile:AppArmorProfile seLinuxChangePolicy:string
PodSpec volumes:Volume[]~name! initContainers:Container[]~name containers:Container[]~name
 ephemeralContainers:EphemeralContainer[]~name restartPolicy:string
 terminationGracePeriodSeconds:long activeDeadlineSeconds:long dnsPolicy:string
 nodeSelector:string{} serviceAccountName:string serviceAccount:string
 automountServiceAccountToken:bool nodeName:string hostNetwork:bool hostPID:bool hostIPC:bool
 shareProcessNamespace:bool securityContext:PodSecurityContext
 imagePullSecrets:LocalObjectReference[]~name hostname:string subdomain:string affinity:Affinity
 schedulerName:string tolerations:Toleration[] hostAliases:HostAlias[]~ip priorityClassName:string
 priority:int dnsConfig:PodDNSConfig readinessGates:PodReadinessGate[] runtimeClassName:string
 enableServiceLinks:bool preemptionPolicy:string overhead:Quantity{}
 topologySpreadConstraints:TopologySpreadConstraint[]~topologyKey setHostnameAsFQDN:bool os:PodOS
 hostUsers:bool schedulingGates:PodSchedulingGate[]~name resourceClaims:PodResourceClaim[]~name!
 resources:ResourceRequirements hostnameOverride:string schedulingGroup:PodSchedulingGroup
PodStatus observedGeneration:long phase:string conditions:PodCondition[]~type message:string
 reason:string nominatedNodeName:string hostIP:string hostIPs:HostIP[]~ip podIP:string
 podIPs:PodIP[]~ip startTime:Time initContainerStatuses:ContainerStatus[]
 containerStatuses:ContainerStatus[] qosClass:string ephemeralContainerStatuses:ContainerStatus[]
 resize:string resourceClaimStatuses:PodResourceClaimStatus[]~name!
 extendedResourceClaimStatus:PodExtendedResourceClaimStatus allocatedResources:Quantity{}
 resources:ResourceRequirements
 nodeAllocatableResourceClaimStatuses:NodeAllocatableResourceClaimStatus[]
PodTemplate metadata:ObjectMeta template:PodTemplateSpec
PodTemplateSpec metadata:ObjectMeta spec:PodSpec
PortworxVolumeSource volumeID:string fsType:string readOnly:bool
PreferredSchedulingTerm weight:int preference:NodeSelectorTerm
Probe exec:ExecAction httpGet:HTTPGetAction tcpSocket:TCPSocketAction grpc:GRPCAction
 initialDelaySeconds:int timeoutSeconds:int periodSeconds:int successThreshold:int
 failureThreshold:int terminationGracePeriodSeconds:long
ProjectedVolumeSource sources:VolumeProjection[] defaultMode:int
QuobyteVolumeSource registry:string volume:string readOnly:bool user:string group:string
 tenant:string
RBDVolumeSource monitors:string[] image:string fsType:string pool:string user:string
 keyring:string secretRef:LocalObjectReference readOnly:bool
ResourceClaim name:string request:string
ResourceFieldSelector containerName:string resource:string divisor:Quantity
ResourceHealth resourceID:string health:string message:string
ResourceRequirements limits:Quantity{} requests:Quantity{} claims:ResourceClaim[]
ResourceStatus name:string resources:ResourceHealth[]
SELinuxOptions user:string role:string type:string level:string
ScaleIOVolumeSource gateway:string system:string secretRef:LocalObjectReference sslEnabled:bool
 protectionDomain:string storagePool:string storageMode:string volumeName:string fsType:string
 readOnly:bool
SeccompProfile type:string localhostProfile:string
SecretEnvSource name:string optional:bool
SecretKeySelector name:string key:string optional:bool
SecretProjection name:string items:KeyToPath[] optional:bool
SecretVolumeSource secretName:string items:KeyToPath[] defaultMode:int optional:bool
SecurityContext capabilities:Capabilities privileged:bool seLinuxOptions:SELinuxOptions
 windowsOptions:WindowsSecurityContextOptions runAsUser:long runAsGroup:long runAsNonRoot:bool
 readOnlyRootFilesystem:bool allowPrivilegeEscalation:bool procMount:string
 seccompProfile:SeccompProfile appArmorProfile:AppArmorProfile
ServiceAccountTokenProjection audience:string expirationSeconds:long path:string
SleepAction seconds:long
StorageOSVolumeSource volumeName:string volumeNamespace:string fsType:string readOnly:bool
 secretRef:LocalObjectReference
Sysctl name:string value:string
TCPSocketAction port:IntOrString host:string
Toleration key:string operator:string value:string effect:string tolerationSeconds:long
TopologySpreadConstraint maxSkew:int topologyKey:string whenUnsatisfiable:string
 labelSelector:LabelSelector minDomains:int nodeAffinityPolicy:string nodeTaintsPolicy:string
 matchLabelKeys:string[]
TypedLocalObjectReference apiGroup:string kind:string name:string
TypedObjectReference apiGroup:string kind:string name:string namespace:string
Volume name:string hostPath:HostPathVolumeSource emptyDir:EmptyDirVolumeSource
 gcePersistentDisk:GCEPersistentDiskVolumeSource
 awsElasticBlockStore:AWSElasticBlockStoreVolumeSource gitRepo:GitRepoVolumeSource
 secret:SecretVolumeSource nfs:NFSVolumeSource iscsi:ISCSIVolumeSource
 glusterfs:GlusterfsVolumeSource persistentVolumeClaim:PersistentVolumeClaimVolumeSource
 rbd:RBDVolumeSource flexVolume:FlexVolumeSource cinder:CinderVolumeSource
 cephfs:CephFSVolumeSource flocker:FlockerVolumeSource downwardAPI:DownwardAPIVolumeSource
 fc:FCVolumeSource azureFile:AzureFileVolumeSource configMap:ConfigMapVolumeSource
 vsphereVolume:VsphereVirtualDiskVolumeSource quobyte:QuobyteVolumeSource
 azureDisk:AzureDiskVolumeSource photonPersistentDisk:PhotonPersistentDiskVolumeSource
 projected:ProjectedVolumeSource portworxVolume:PortworxVolumeSource scaleIO:ScaleIOVolumeSource
 storageos:StorageOSVolumeSource csi:CSIVolumeSource ephemeral:EphemeralVolumeSource
 image:ImageVolumeSource
VolumeDevice name:string devicePath:string
VolumeMount name:string readOnly:bool recursiveReadOnly:string mountPath:string subPath:string
 mountPropagation:string subPathExpr:string
VolumeMountStatus name:string mountPath:string readOnly:bool recursiveReadOnly:string
 volumeStatus:VolumeStatus
VolumeProjection secret:SecretProjection downwardAPI:DownwardAPIProjection
 configMap:ConfigMapProjection serviceAccountToken:ServiceAccountTokenProjection
 clusterTrustBundle:ClusterTrustBundleProjection podCertificate:PodCertificateProjection
VolumeResourceRequirements limits:Quantity{} requests:Quantity{}
VolumeStatus image:ImageVolumeStatus
VsphereVirtualDiskVolumeSource volumePath:string fsType:string storagePolicyName:string
 storagePolicyID:string
WeightedPodAffinityTerm weight:int podAffinityTerm:PodAffinityTerm
WindowsSecurityContextOptions gmsaCredentialSpecName:string gmsaCredentialSpec:string
 runAsUserName:string hostProcess:bool
`;
