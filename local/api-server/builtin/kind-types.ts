// What fields the other built-in kinds have, as of Kubernetes 1.36, in the notation of parse-kind-types.ts.

// Generated from the Go types of k8s.io/api v0.36.3 and k8s.io/apiextensions-apiserver v0.36.3.
export const kindTypes = `
AggregationRule clusterRoleSelectors:LabelSelector[]
AttachedVolume name:string devicePath:string
Binding metadata:ObjectMeta target:ObjectReference
ClientIPConfig timeoutSeconds:int
ClusterRole metadata:ObjectMeta rules:PolicyRule[] aggregationRule:AggregationRule
ClusterRoleBinding metadata:ObjectMeta subjects:Subject[] roleRef:RoleRef
Condition type:string status:string observedGeneration:long lastTransitionTime:Time reason:string
 message:string
ConfigMap metadata:ObjectMeta immutable:bool data:string{} binaryData:bytes{}
ConfigMapNodeConfigSource namespace:string name:string uid:string resourceVersion:string
 kubeletConfigKey:string
ContainerImage names:string[] sizeBytes:long
ContainerResourceMetricSource name:string target:MetricTarget container:string
ContainerResourceMetricStatus name:string current:MetricValueStatus container:string
ControllerRevision metadata:ObjectMeta data:any revision:long
CronJob metadata:ObjectMeta spec:CronJobSpec status:CronJobStatus
CronJobSpec schedule:string timeZone:string startingDeadlineSeconds:long concurrencyPolicy:string
 suspend:bool jobTemplate:JobTemplateSpec successfulJobsHistoryLimit:int
 failedJobsHistoryLimit:int
CronJobStatus active:ObjectReference[] lastScheduleTime:Time lastSuccessfulTime:Time
CrossVersionObjectReference kind:string name:string apiVersion:string
CustomResourceColumnDefinition name:string type:string format:string description:string
 priority:int jsonPath:string
CustomResourceConversion strategy:string webhook:WebhookConversion
CustomResourceDefinition metadata:ObjectMeta spec:CustomResourceDefinitionSpec
 status:CustomResourceDefinitionStatus
CustomResourceDefinitionCondition type:string status:string lastTransitionTime:Time reason:string
 message:string observedGeneration:long
CustomResourceDefinitionNames plural:string singular:string shortNames:string[] kind:string
 listKind:string categories:string[]
CustomResourceDefinitionSpec group:string names:CustomResourceDefinitionNames scope:string
 versions:CustomResourceDefinitionVersion[] conversion:CustomResourceConversion
 preserveUnknownFields:bool
CustomResourceDefinitionStatus conditions:CustomResourceDefinitionCondition[]
 acceptedNames:CustomResourceDefinitionNames storedVersions:string[] observedGeneration:long
CustomResourceDefinitionVersion name:string served:bool storage:bool deprecated:bool
 deprecationWarning:string schema:CustomResourceValidation subresources:CustomResourceSubresources
 additionalPrinterColumns:CustomResourceColumnDefinition[] selectableFields:SelectableField[]
CustomResourceSubresourceScale specReplicasPath:string statusReplicasPath:string
 labelSelectorPath:string
CustomResourceSubresourceStatus
CustomResourceSubresources status:CustomResourceSubresourceStatus
 scale:CustomResourceSubresourceScale
CustomResourceValidation openAPIV3Schema:JSONSchemaProps
DaemonEndpoint Port:int
DaemonSet metadata:ObjectMeta spec:DaemonSetSpec status:DaemonSetStatus
DaemonSetCondition type:string status:string lastTransitionTime:Time reason:string message:string
DaemonSetSpec selector:LabelSelector template:PodTemplateSpec
 updateStrategy:DaemonSetUpdateStrategy minReadySeconds:int revisionHistoryLimit:int
DaemonSetStatus currentNumberScheduled:int numberMisscheduled:int desiredNumberScheduled:int
 numberReady:int observedGeneration:long updatedNumberScheduled:int numberAvailable:int
 numberUnavailable:int collisionCount:int conditions:DaemonSetCondition[]~type
DaemonSetUpdateStrategy type:string rollingUpdate:RollingUpdateDaemonSet
DeleteOptions gracePeriodSeconds:long preconditions:Preconditions orphanDependents:bool
 propagationPolicy:string dryRun:string[] ignoreStoreReadErrorWithClusterBreakingPotential:bool
Deployment metadata:ObjectMeta spec:DeploymentSpec status:DeploymentStatus
DeploymentCondition type:string status:string lastUpdateTime:Time lastTransitionTime:Time
 reason:string message:string
DeploymentSpec replicas:int selector:LabelSelector template:PodTemplateSpec
 strategy:DeploymentStrategy! minReadySeconds:int revisionHistoryLimit:int paused:bool
 progressDeadlineSeconds:int
DeploymentStatus observedGeneration:long replicas:int updatedReplicas:int readyReplicas:int
 availableReplicas:int unavailableReplicas:int terminatingReplicas:int
 conditions:DeploymentCondition[]~type collisionCount:int
DeploymentStrategy type:string rollingUpdate:RollingUpdateDeployment
DiscoveryEndpointPort name:string protocol:string port:int appProtocol:string
Endpoint addresses:string[] conditions:EndpointConditions hostname:string
 targetRef:ObjectReference deprecatedTopology:string{} nodeName:string zone:string
 hints:EndpointHints
EndpointAddress ip:string hostname:string nodeName:string targetRef:ObjectReference
EndpointConditions ready:bool serving:bool terminating:bool
EndpointHints forZones:ForZone[] forNodes:ForNode[]
EndpointPort name:string port:int protocol:string appProtocol:string
EndpointSlice metadata:ObjectMeta addressType:string endpoints:Endpoint[]
 ports:DiscoveryEndpointPort[]
EndpointSubset addresses:EndpointAddress[] notReadyAddresses:EndpointAddress[]
 ports:EndpointPort[]
Endpoints metadata:ObjectMeta subsets:EndpointSubset[]
Event metadata:ObjectMeta involvedObject:ObjectReference reason:string message:string
 source:EventSource firstTimestamp:Time lastTimestamp:Time count:int type:string
 eventTime:MicroTime series:EventSeries action:string related:ObjectReference
 reportingComponent:string reportingInstance:string
Event_v1 metadata:ObjectMeta eventTime:MicroTime series:EventSeries reportingController:string
 reportingInstance:string action:string reason:string regarding:ObjectReference
 related:ObjectReference note:string type:string deprecatedSource:EventSource
 deprecatedFirstTimestamp:Time deprecatedLastTimestamp:Time deprecatedCount:int
EventSeries count:int lastObservedTime:MicroTime
EventSource component:string host:string
Eviction metadata:ObjectMeta deleteOptions:DeleteOptions
ExternalDocumentation description:string url:string
ExternalMetricSource metric:MetricIdentifier target:MetricTarget
ExternalMetricStatus metric:MetricIdentifier current:MetricValueStatus
ForNode name:string
ForZone name:string
HPAScalingPolicy type:string value:int periodSeconds:int
HPAScalingRules stabilizationWindowSeconds:int selectPolicy:string policies:HPAScalingPolicy[]
 tolerance:Quantity
HTTPIngressPath path:string pathType:string backend:IngressBackend
HTTPIngressRuleValue paths:HTTPIngressPath[]
HorizontalPodAutoscaler metadata:ObjectMeta spec:HorizontalPodAutoscalerSpec
 status:HorizontalPodAutoscalerStatus
HorizontalPodAutoscaler_v1 metadata:ObjectMeta spec:HorizontalPodAutoscalerSpec_v1
 status:HorizontalPodAutoscalerStatus_v1
HorizontalPodAutoscalerBehavior scaleUp:HPAScalingRules scaleDown:HPAScalingRules
HorizontalPodAutoscalerCondition type:string status:string lastTransitionTime:Time reason:string
 message:string
HorizontalPodAutoscalerSpec scaleTargetRef:CrossVersionObjectReference minReplicas:int
 maxReplicas:int metrics:MetricSpec[] behavior:HorizontalPodAutoscalerBehavior
HorizontalPodAutoscalerSpec_v1 scaleTargetRef:CrossVersionObjectReference minReplicas:int
 maxReplicas:int targetCPUUtilizationPercentage:int
HorizontalPodAutoscalerStatus_v1 observedGeneration:long lastScaleTime:Time currentReplicas:int
 desiredReplicas:int currentCPUUtilizationPercentage:int
HorizontalPodAutoscalerStatus observedGeneration:long lastScaleTime:Time currentReplicas:int
 desiredReplicas:int currentMetrics:MetricStatus[]
 conditions:HorizontalPodAutoscalerCondition[]~type
IPBlock cidr:string except:string[]
Ingress metadata:ObjectMeta spec:IngressSpec status:IngressStatus
IngressBackend service:IngressServiceBackend resource:TypedLocalObjectReference
IngressLoadBalancerIngress ip:string hostname:string ports:IngressPortStatus[]
IngressLoadBalancerStatus ingress:IngressLoadBalancerIngress[]
IngressPortStatus port:int protocol:string error:string
IngressRule host:string http:HTTPIngressRuleValue
IngressServiceBackend name:string port:ServiceBackendPort
IngressSpec ingressClassName:string defaultBackend:IngressBackend tls:IngressTLS[]
 rules:IngressRule[]
IngressStatus loadBalancer:IngressLoadBalancerStatus
IngressTLS hosts:string[] secretName:string
JSONSchemaProps id:string $schema:string $ref:string description:string type:string format:string
 title:string default:any maximum:number exclusiveMaximum:bool minimum:number
 exclusiveMinimum:bool maxLength:long minLength:long pattern:string maxItems:long minItems:long
 uniqueItems:bool multipleOf:number enum:any[] maxProperties:long minProperties:long
 required:string[] items:JSONSchemaProps allOf:JSONSchemaProps[] oneOf:JSONSchemaProps[]
 anyOf:JSONSchemaProps[] not:JSONSchemaProps properties:JSONSchemaProps{}
 additionalProperties:JSONSchemaProps patternProperties:JSONSchemaProps{} dependencies:any{}
 additionalItems:JSONSchemaProps definitions:JSONSchemaProps{} externalDocs:ExternalDocumentation
 example:any nullable:bool x-kubernetes-preserve-unknown-fields:bool
 x-kubernetes-embedded-resource:bool x-kubernetes-int-or-string:bool
 x-kubernetes-list-map-keys:string[] x-kubernetes-list-type:string x-kubernetes-map-type:string
 x-kubernetes-validations:ValidationRule[]~rule
Job metadata:ObjectMeta spec:JobSpec status:JobStatus
JobCondition type:string status:string lastProbeTime:Time lastTransitionTime:Time reason:string
 message:string
JobSpec parallelism:int completions:int activeDeadlineSeconds:long
 podFailurePolicy:PodFailurePolicy successPolicy:SuccessPolicy backoffLimit:int
 backoffLimitPerIndex:int maxFailedIndexes:int selector:LabelSelector manualSelector:bool
 template:PodTemplateSpec ttlSecondsAfterFinished:int completionMode:string suspend:bool
 podReplacementPolicy:string managedBy:string
JobStatus conditions:JobCondition[]~type startTime:Time completionTime:Time active:int
 succeeded:int failed:int terminating:int completedIndexes:string failedIndexes:string
 uncountedTerminatedPods:UncountedTerminatedPods ready:int
JobTemplateSpec metadata:ObjectMeta spec:JobSpec
Lease metadata:ObjectMeta spec:LeaseSpec
LeaseSpec holderIdentity:string leaseDurationSeconds:int acquireTime:MicroTime renewTime:MicroTime
 leaseTransitions:int strategy:string preferredHolder:string
LimitRange metadata:ObjectMeta spec:LimitRangeSpec
LimitRangeItem type:string max:Quantity{} min:Quantity{} default:Quantity{}
 defaultRequest:Quantity{} maxLimitRequestRatio:Quantity{}
LimitRangeSpec limits:LimitRangeItem[]
LoadBalancerIngress ip:string hostname:string ipMode:string ports:PortStatus[]
LoadBalancerStatus ingress:LoadBalancerIngress[]
MetricIdentifier name:string selector:LabelSelector
MetricSpec type:string object:ObjectMetricSource pods:PodsMetricSource
 resource:ResourceMetricSource containerResource:ContainerResourceMetricSource
 external:ExternalMetricSource
MetricStatus type:string object:ObjectMetricStatus pods:PodsMetricStatus
 resource:ResourceMetricStatus containerResource:ContainerResourceMetricStatus
 external:ExternalMetricStatus
MetricTarget type:string value:Quantity averageValue:Quantity averageUtilization:int
MetricValueStatus value:Quantity averageValue:Quantity averageUtilization:int
ModifyVolumeStatus targetVolumeAttributesClassName:string status:string
Namespace metadata:ObjectMeta spec:NamespaceSpec status:NamespaceStatus
NamespaceCondition type:string status:string lastTransitionTime:Time reason:string message:string
NamespaceSpec finalizers:string[]
NamespaceStatus phase:string conditions:NamespaceCondition[]~type
NetworkPolicy metadata:ObjectMeta spec:NetworkPolicySpec
NetworkPolicyEgressRule ports:NetworkPolicyPort[] to:NetworkPolicyPeer[]
NetworkPolicyIngressRule ports:NetworkPolicyPort[] from:NetworkPolicyPeer[]
NetworkPolicyPeer podSelector:LabelSelector namespaceSelector:LabelSelector ipBlock:IPBlock
NetworkPolicyPort protocol:string port:IntOrString endPort:int
NetworkPolicySpec podSelector:LabelSelector ingress:NetworkPolicyIngressRule[]
 egress:NetworkPolicyEgressRule[] policyTypes:string[]
Node metadata:ObjectMeta spec:NodeSpec status:NodeStatus
NodeAddress type:string address:string
NodeCondition type:string status:string lastHeartbeatTime:Time lastTransitionTime:Time
 reason:string message:string
NodeConfigSource configMap:ConfigMapNodeConfigSource
NodeConfigStatus assigned:NodeConfigSource active:NodeConfigSource lastKnownGood:NodeConfigSource
 error:string
NodeDaemonEndpoints kubeletEndpoint:DaemonEndpoint
NodeFeatures supplementalGroupsPolicy:bool
NodeRuntimeHandler name:string features:NodeRuntimeHandlerFeatures
NodeRuntimeHandlerFeatures recursiveReadOnlyMounts:bool userNamespaces:bool
NodeSpec podCIDR:string podCIDRs:string[]~ providerID:string unschedulable:bool taints:Taint[]
 configSource:NodeConfigSource externalID:string
NodeStatus capacity:Quantity{} allocatable:Quantity{} phase:string conditions:NodeCondition[]~type
 addresses:NodeAddress[]~type daemonEndpoints:NodeDaemonEndpoints nodeInfo:NodeSystemInfo
 images:ContainerImage[] volumesInUse:string[] volumesAttached:AttachedVolume[]
 config:NodeConfigStatus runtimeHandlers:NodeRuntimeHandler[] features:NodeFeatures
 declaredFeatures:string[]
NodeSwapStatus capacity:long
NodeSystemInfo machineID:string systemUUID:string bootID:string kernelVersion:string
 osImage:string containerRuntimeVersion:string kubeletVersion:string kubeProxyVersion:string
 operatingSystem:string architecture:string swap:NodeSwapStatus
ObjectMetricSource describedObject:CrossVersionObjectReference target:MetricTarget
 metric:MetricIdentifier
ObjectMetricStatus metric:MetricIdentifier current:MetricValueStatus
 describedObject:CrossVersionObjectReference
ObjectReference kind:string namespace:string name:string uid:string apiVersion:string
 resourceVersion:string fieldPath:string
PersistentVolumeClaim metadata:ObjectMeta spec:PersistentVolumeClaimSpec
 status:PersistentVolumeClaimStatus
PersistentVolumeClaimCondition type:string status:string lastProbeTime:Time
 lastTransitionTime:Time reason:string message:string
PersistentVolumeClaimStatus phase:string accessModes:string[] capacity:Quantity{}
 conditions:PersistentVolumeClaimCondition[]~type allocatedResources:Quantity{}
 allocatedResourceStatuses:string{} currentVolumeAttributesClassName:string
 modifyVolumeStatus:ModifyVolumeStatus
Pod metadata:ObjectMeta spec:PodSpec status:PodStatus
PodDisruptionBudget metadata:ObjectMeta spec:PodDisruptionBudgetSpec
 status:PodDisruptionBudgetStatus
PodDisruptionBudgetSpec minAvailable:IntOrString selector:LabelSelector maxUnavailable:IntOrString
 unhealthyPodEvictionPolicy:string
PodDisruptionBudgetStatus observedGeneration:long disruptedPods:Time{} disruptionsAllowed:int
 currentHealthy:int desiredHealthy:int expectedPods:int conditions:Condition[]~type
PodFailurePolicy rules:PodFailurePolicyRule[]
PodFailurePolicyOnExitCodesRequirement containerName:string operator:string values:int[]
PodFailurePolicyOnPodConditionsPattern type:string status:string
PodFailurePolicyRule action:string onExitCodes:PodFailurePolicyOnExitCodesRequirement
 onPodConditions:PodFailurePolicyOnPodConditionsPattern[]
PodsMetricSource metric:MetricIdentifier target:MetricTarget
PodsMetricStatus metric:MetricIdentifier current:MetricValueStatus
PolicyRule verbs:string[] apiGroups:string[] resources:string[] resourceNames:string[]
 nonResourceURLs:string[]
PortStatus port:int protocol:string error:string
Preconditions uid:string resourceVersion:string
ReplicaSet metadata:ObjectMeta spec:ReplicaSetSpec status:ReplicaSetStatus
ReplicaSetCondition type:string status:string lastTransitionTime:Time reason:string message:string
ReplicaSetSpec replicas:int minReadySeconds:int selector:LabelSelector template:PodTemplateSpec
ReplicaSetStatus replicas:int fullyLabeledReplicas:int readyReplicas:int availableReplicas:int
 terminatingReplicas:int observedGeneration:long conditions:ReplicaSetCondition[]~type
ReplicationController metadata:ObjectMeta spec:ReplicationControllerSpec
 status:ReplicationControllerStatus
ReplicationControllerCondition type:string status:string lastTransitionTime:Time reason:string
 message:string
ReplicationControllerSpec replicas:int minReadySeconds:int selector:string{}
 template:PodTemplateSpec
ReplicationControllerStatus replicas:int fullyLabeledReplicas:int readyReplicas:int
 availableReplicas:int observedGeneration:long conditions:ReplicationControllerCondition[]~type
ResourceMetricSource name:string target:MetricTarget
ResourceMetricStatus name:string current:MetricValueStatus
ResourceQuota metadata:ObjectMeta spec:ResourceQuotaSpec status:ResourceQuotaStatus
ResourceQuotaSpec hard:Quantity{} scopes:string[] scopeSelector:ScopeSelector
ResourceQuotaStatus hard:Quantity{} used:Quantity{}
Role metadata:ObjectMeta rules:PolicyRule[]
RoleBinding metadata:ObjectMeta subjects:Subject[] roleRef:RoleRef
RoleRef apiGroup:string kind:string name:string
RollingUpdateDaemonSet maxUnavailable:IntOrString maxSurge:IntOrString
RollingUpdateDeployment maxUnavailable:IntOrString maxSurge:IntOrString
RollingUpdateStatefulSetStrategy partition:int maxUnavailable:IntOrString
Scale metadata:ObjectMeta spec:ScaleSpec status:ScaleStatus
ScaleSpec replicas:int
ScaleStatus replicas:int selector:string
ScopeSelector matchExpressions:ScopedResourceSelectorRequirement[]
ScopedResourceSelectorRequirement scopeName:string operator:string values:string[]
Secret metadata:ObjectMeta immutable:bool data:bytes{} stringData:string{} type:string
SelectableField jsonPath:string
Service metadata:ObjectMeta spec:ServiceSpec status:ServiceStatus
ServiceAccount metadata:ObjectMeta secrets:ObjectReference[]~name
 imagePullSecrets:LocalObjectReference[] automountServiceAccountToken:bool
ServiceBackendPort name:string number:int
ServicePort name:string protocol:string appProtocol:string port:int targetPort:IntOrString
 nodePort:int
ServiceReference namespace:string name:string path:string port:int
ServiceSpec ports:ServicePort[]~port selector:string{} clusterIP:string clusterIPs:string[]
 type:string externalIPs:string[] sessionAffinity:string loadBalancerIP:string
 loadBalancerSourceRanges:string[] externalName:string externalTrafficPolicy:string
 healthCheckNodePort:int publishNotReadyAddresses:bool sessionAffinityConfig:SessionAffinityConfig
 ipFamilies:string[] ipFamilyPolicy:string allocateLoadBalancerNodePorts:bool
 loadBalancerClass:string internalTrafficPolicy:string trafficDistribution:string
ServiceStatus loadBalancer:LoadBalancerStatus conditions:Condition[]~type
SessionAffinityConfig clientIP:ClientIPConfig
StatefulSet metadata:ObjectMeta spec:StatefulSetSpec status:StatefulSetStatus
StatefulSetCondition type:string status:string lastTransitionTime:Time reason:string
 message:string
StatefulSetOrdinals start:int
StatefulSetPersistentVolumeClaimRetentionPolicy whenDeleted:string whenScaled:string
StatefulSetSpec replicas:int selector:LabelSelector template:PodTemplateSpec
 volumeClaimTemplates:PersistentVolumeClaim[] serviceName:string podManagementPolicy:string
 updateStrategy:StatefulSetUpdateStrategy revisionHistoryLimit:int minReadySeconds:int
 persistentVolumeClaimRetentionPolicy:StatefulSetPersistentVolumeClaimRetentionPolicy
 ordinals:StatefulSetOrdinals
StatefulSetStatus observedGeneration:long replicas:int readyReplicas:int currentReplicas:int
 updatedReplicas:int currentRevision:string updateRevision:string collisionCount:int
 conditions:StatefulSetCondition[]~type availableReplicas:int
StatefulSetUpdateStrategy type:string rollingUpdate:RollingUpdateStatefulSetStrategy
Subject kind:string apiGroup:string name:string namespace:string
SuccessPolicy rules:SuccessPolicyRule[]
SuccessPolicyRule succeededIndexes:string succeededCount:int
Taint key:string value:string effect:string timeAdded:Time
UncountedTerminatedPods succeeded:string[] failed:string[]
ValidationRule rule:string message:string messageExpression:string reason:string fieldPath:string
 optionalOldSelf:bool
WebhookClientConfig url:string service:ServiceReference caBundle:bytes
WebhookConversion clientConfig:WebhookClientConfig conversionReviewVersions:string[]
`;
