// Has a portfolio analysed over the gRPC door, and keeps the payload as a file: one call of each shape.
//
//	WEALTH_API_KEY=k_... analyse_portfolio 127.0.0.1:8001 ananya review.json
//
// The stubs are made by protoc-gen-go and protoc-gen-go-grpc (docs/grpc.md).
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"os"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	portfoliov1 "wealth/portfolio/v1"
	storagev1 "wealth/storage/v1"
)

const pieceBytes = 256 * 1024

func main() {
	if len(os.Args) != 4 {
		log.Fatal("usage: analyse_portfolio ADDRESS USER FILE")
	}
	if err := run(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		log.Fatal(err)
	}
}

func run(address, user, path string) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	// No TLS: for a gateway on this machine.
	connection, err := grpc.Dial(address, grpc.WithInsecure())
	if err != nil {
		return err
	}
	defer connection.Close()
	ctx := metadata.AppendToOutgoingContext(context.Background(), "x-api-key", os.Getenv("WEALTH_API_KEY"))

	file, err := upload(ctx, storagev1.NewStorageServiceClient(connection), user, content)
	if err != nil {
		return err
	}
	fmt.Printf("uploaded %d bytes\n", file.Size)

	var document struct{ Data []json.RawMessage }
	if err := json.Unmarshal(content, &document); err != nil {
		return err
	}
	request := &portfoliov1.CreateTaskRequest{
		Username: user,
		// Creating again with the same id gives the same task: keep it with your own record of the work.
		RequestId: fmt.Sprintf("go-%d", time.Now().UnixNano()),
	}
	for _, payload := range document.Data {
		request.PayloadsJson = append(request.PayloadsJson, string(payload))
	}
	portfolio := portfoliov1.NewPortfolioServiceClient(connection)
	task, err := portfolio.CreateTask(ctx, request)
	if err != nil {
		return err
	}
	if err := watch(ctx, portfolio, task.TaskId); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	task, err = portfolio.GetTask(ctx, &portfoliov1.GetTaskRequest{TaskId: task.TaskId, View: portfoliov1.TaskView_TASK_VIEW_FULL})
	if err != nil {
		return err
	}
	for _, section := range task.Sections {
		fmt.Printf("%s: %s\n", section.Name, strings.SplitN(section.Response, ". ", 2)[0])
	}
	if task.Status != portfoliov1.TaskStatus_TASK_STATUS_COMPLETED {
		return fmt.Errorf("the task ended as %s", task.Status)
	}
	return nil
}

// upload sends a header, then pieces.
func upload(ctx context.Context, storage storagev1.StorageServiceClient, user string, content []byte) (*storagev1.File, error) {
	stream, err := storage.UploadFile(ctx)
	if err != nil {
		return nil, err
	}
	size := int64(len(content))
	header := &storagev1.UploadFileHeader{UserId: user, FileName: "payload.json", Size: &size}
	err = stream.Send(&storagev1.UploadFileRequest{Part: &storagev1.UploadFileRequest_Header{Header: header}})
	for start := 0; err == nil && start < len(content); start += pieceBytes {
		end := start + pieceBytes
		if end > len(content) {
			end = len(content)
		}
		err = stream.Send(&storagev1.UploadFileRequest{Part: &storagev1.UploadFileRequest_Chunk{Chunk: content[start:end]}})
	}
	// io.EOF: it was refused; why comes with the answer.
	if err != nil && err != io.EOF {
		return nil, err
	}
	return stream.CloseAndRecv()
}

// watch follows a task to its end. A watch ends before where a service restarts: it is taken up after the last revision
// that was whole.
func watch(ctx context.Context, portfolio portfoliov1.PortfolioServiceClient, taskID string) error {
	request := &portfoliov1.WatchTaskRequest{TaskId: taskID}
	for {
		stream, err := portfolio.WatchTask(ctx, request)
		for err == nil {
			var event *portfoliov1.TaskEvent
			if event, err = stream.Recv(); err == nil {
				fmt.Println(event.Progress, event.Message)
				if event.Terminal {
					return nil
				}
				if event.Resumable {
					request.AfterRevision = event.Revision
				}
			}
		}
		if err != io.EOF && status.Code(err) != codes.Unavailable {
			return err
		}
	}
}
