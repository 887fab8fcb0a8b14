package localpath

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/util/workqueue"
	"k8s.io/klog/v2"
)

const (
	selectedNode       = "volume.kubernetes.io/selected-node"
	storageProvisioner = "volume.kubernetes.io/storage-provisioner"
	provisionedBy      = "pv.kubernetes.io/provisioned-by"
	hostnameLabel      = "kubernetes.io/hostname"
	resync             = time.Minute
)

type provisioner struct {
	node, root, name string
	client           kubernetes.Interface
	claims           cache.SharedIndexInformer
	volumes          cache.SharedIndexInformer
	queue            workqueue.TypedRateLimitingInterface[item]
}

type item struct{ claim, volume string }

func (p *provisioner) run(ctx context.Context) error {
	factory := informers.NewSharedInformerFactory(p.client, resync)
	p.claims = factory.Core().V1().PersistentVolumeClaims().Informer()
	p.volumes = factory.Core().V1().PersistentVolumes().Informer()
	p.queue = workqueue.NewTypedRateLimitingQueue(workqueue.DefaultTypedControllerRateLimiter[item]())
	if err := p.feed(p.claims, func(key string) item { return item{claim: key} }); err != nil {
		return err
	}
	if err := p.feed(p.volumes, func(key string) item { return item{volume: key} }); err != nil {
		return err
	}
	factory.Start(ctx.Done())
	if !cache.WaitForCacheSync(ctx.Done(), p.claims.HasSynced, p.volumes.HasSynced) {
		return nil
	}
	go func() {
		<-ctx.Done()
		p.queue.ShutDown()
	}()
	for p.next(ctx) {
	}
	return nil
}

func (p *provisioner) feed(informer cache.SharedIndexInformer, wrap func(key string) item) error {
	add := func(object any) {
		if key, err := cache.MetaNamespaceKeyFunc(object); err == nil {
			p.queue.Add(wrap(key))
		}
	}
	_, err := informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    add,
		UpdateFunc: func(_, object any) { add(object) },
	})
	return err
}

func (p *provisioner) next(ctx context.Context) bool {
	it, shutdown := p.queue.Get()
	if shutdown {
		return false
	}
	defer p.queue.Done(it)
	if err := p.reconcile(ctx, it); err != nil {
		klog.ErrorS(err, "Will try again", "claim", it.claim, "volume", it.volume)
		p.queue.AddRateLimited(it)
		return true
	}
	p.queue.Forget(it)
	return true
}

func (p *provisioner) reconcile(ctx context.Context, it item) error {
	if it.claim != "" {
		object, exists, err := p.claims.GetStore().GetByKey(it.claim)
		if err != nil || !exists {
			return err
		}
		return p.provision(ctx, object.(*corev1.PersistentVolumeClaim))
	}
	object, exists, err := p.volumes.GetStore().GetByKey(it.volume)
	if err != nil || !exists {
		return err
	}
	return p.remove(ctx, object.(*corev1.PersistentVolume))
}

func (p *provisioner) provision(ctx context.Context, claim *corev1.PersistentVolumeClaim) error {
	ours := claim.Annotations[storageProvisioner] == p.name && claim.Annotations[selectedNode] == p.node
	if !ours || claim.Spec.VolumeName != "" || claim.DeletionTimestamp != nil {
		return nil
	}
	name := "pvc-" + string(claim.UID)
	if _, exists, _ := p.volumes.GetStore().GetByKey(name); exists {
		return nil
	}
	path := filepath.Join(p.root, name)
	if err := os.MkdirAll(path, 0o777); err != nil {
		return err
	}
	// Workloads run under their own user ids and not all of them set an fsGroup; the umask must not narrow the mode.
	if err := os.Chmod(path, 0o777); err != nil {
		return err
	}
	_, err := p.client.CoreV1().PersistentVolumes().Create(ctx, p.volume(claim, name, path), metav1.CreateOptions{})
	if apierrors.IsAlreadyExists(err) {
		return nil
	}
	klog.InfoS("Provisioned", "claim", klog.KObj(claim), "volume", name, "err", err)
	return err
}

func (p *provisioner) volume(claim *corev1.PersistentVolumeClaim, name, path string) *corev1.PersistentVolume {
	mode := corev1.PersistentVolumeFilesystem
	return &corev1.PersistentVolume{
		ObjectMeta: metav1.ObjectMeta{Name: name, Annotations: map[string]string{provisionedBy: p.name}},
		Spec: corev1.PersistentVolumeSpec{
			AccessModes:                   claim.Spec.AccessModes,
			Capacity:                      corev1.ResourceList{corev1.ResourceStorage: claim.Spec.Resources.Requests[corev1.ResourceStorage]},
			ClaimRef:                      &corev1.ObjectReference{APIVersion: "v1", Kind: "PersistentVolumeClaim", Namespace: claim.Namespace, Name: claim.Name, UID: claim.UID},
			PersistentVolumeReclaimPolicy: corev1.PersistentVolumeReclaimDelete,
			PersistentVolumeSource:        corev1.PersistentVolumeSource{Local: &corev1.LocalVolumeSource{Path: path}},
			StorageClassName:              *claim.Spec.StorageClassName,
			VolumeMode:                    &mode,
			NodeAffinity: &corev1.VolumeNodeAffinity{Required: &corev1.NodeSelector{NodeSelectorTerms: []corev1.NodeSelectorTerm{{
				MatchExpressions: []corev1.NodeSelectorRequirement{{Key: hostnameLabel, Operator: corev1.NodeSelectorOpIn, Values: []string{p.node}}},
			}}}},
		},
	}
}

func (p *provisioner) remove(ctx context.Context, volume *corev1.PersistentVolume) error {
	if volume.Annotations[provisionedBy] != p.name || !p.isHere(volume) || volume.Status.Phase != corev1.VolumeReleased {
		return nil
	}
	if volume.Spec.PersistentVolumeReclaimPolicy != corev1.PersistentVolumeReclaimDelete || volume.Spec.Local == nil {
		return nil
	}
	if filepath.Dir(volume.Spec.Local.Path) != filepath.Clean(p.root) {
		return fmt.Errorf("volume %s: %s is not directly below %s", volume.Name, volume.Spec.Local.Path, p.root)
	}
	if err := os.RemoveAll(volume.Spec.Local.Path); err != nil {
		return err
	}
	err := p.client.CoreV1().PersistentVolumes().Delete(ctx, volume.Name, metav1.DeleteOptions{})
	if apierrors.IsNotFound(err) {
		return nil
	}
	klog.InfoS("Removed", "volume", volume.Name, "err", err)
	return err
}

func (p *provisioner) isHere(volume *corev1.PersistentVolume) bool {
	affinity := volume.Spec.NodeAffinity
	if affinity == nil || affinity.Required == nil {
		return false
	}
	for _, term := range affinity.Required.NodeSelectorTerms {
		for _, expression := range term.MatchExpressions {
			if expression.Key == hostnameLabel && len(expression.Values) == 1 && expression.Values[0] == p.node {
				return true
			}
		}
	}
	return false
}
